-- One table with a primary key. -v rows=N: 10 million rows take about 2 GiB.
CREATE TABLE measurements (
    id bigint PRIMARY KEY,
    device text NOT NULL,
    taken_at timestamptz NOT NULL,
    reading double precision NOT NULL,
    remark text NOT NULL
);
SELECT setseed(0.42);
INSERT INTO measurements
SELECT i, 'device-' || md5((i % 5000)::text), timestamptz '2024-01-01' + i * interval '1 s', random(),
       'Sent by ' || md5(i::text) || ' over ' || md5((i % 977)::text) || ', accepted'
FROM generate_series(1, :rows) i;
