-- 1.4 GiB: 7 million rows in 4 tables, 9 indexes (one of them GIN over jsonb), 2 foreign keys. -v rows=N: a multiple of 14.
\set customers :rows / 14
\set orders :rows * 4 / 14
\set lines :rows * 8 / 14
CREATE TABLE customers (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL,
    placed_at timestamptz NOT NULL,
    status text NOT NULL,
    total numeric(12, 2) NOT NULL,
    remark text
);
CREATE TABLE order_lines (
    id bigint PRIMARY KEY,
    order_id bigint NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL,
    price numeric(12, 2) NOT NULL,
    note text NOT NULL
);
CREATE TABLE events (
    id bigint PRIMARY KEY,
    payload jsonb NOT NULL
);
SELECT setseed(0.42);
INSERT INTO customers
SELECT i, 'Customer ' || md5(i::text), md5('mail' || i) || '@example.org', timestamptz '2020-01-01' + i * interval '1 min'
FROM generate_series(1, :customers) i;
INSERT INTO orders
SELECT i, 1 + (random() * (:customers - 1))::bigint, timestamptz '2021-01-01' + i * interval '7 s',
       (ARRAY ['open', 'paid', 'sent', 'returned'])[1 + i % 4], round((random() * 1000)::numeric, 2),
       CASE WHEN i % 3 > 0 THEN 'Remark ' || md5(random()::text) || ' for the warehouse' END
FROM generate_series(1, :orders) i;
INSERT INTO order_lines
SELECT i, 1 + (random() * (:orders - 1))::bigint, 'SKU-' || (random() * 100000)::integer, 1 + i % 9,
       round((random() * 100)::numeric, 2), 'Packed as ' || md5(i::text) || ', shelf ' || i % 977
FROM generate_series(1, :lines) i;
INSERT INTO events
SELECT i, jsonb_build_object('kind', (ARRAY ['view', 'click', 'order'])[1 + i % 3], 'session', md5((i / 7)::text),
       'at', i * bigint '1000', 'tags', jsonb_build_array('t' || i % 100, 't' || i % 1000), 'agent', 'Mozilla/5.0 ' || md5((i % 5000)::text), 'path', '/orders/' || md5(i::text),
       'referrer', 'https://example.org/' || md5((i / 3)::text))
FROM generate_series(1, :customers) i;
ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE order_lines ADD CONSTRAINT order_lines_order_fkey FOREIGN KEY (order_id) REFERENCES orders;
CREATE INDEX orders_customer_idx ON orders (customer_id);
CREATE INDEX orders_placed_idx ON orders (placed_at);
CREATE INDEX order_lines_order_idx ON order_lines (order_id);
CREATE INDEX events_payload_idx ON events USING gin (payload);
