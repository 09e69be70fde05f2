-- A queue with a consumer, events and ticks: pgq's tables refer to each other by foreign keys.
create extension pgq;
select pgq.create_queue('orders'); select pgq.register_consumer('orders', 'billing'); select pgq.register_consumer('orders', 'shipping');
select pgq.insert_event('orders', 'new', 'order ' || i) from generate_series(1, 20) i;
select pgq.set_queue_config('orders', 'ticker_max_count', '5'); select pgq.ticker('orders'); select pgq.insert_event('orders', 'late', 'x'); select pgq.force_tick('orders');
create table orders (id serial primary key, note text); create trigger queued after insert on orders for each row execute function pgq.logutriga('orders');
insert into orders (note) values ('a'), ('b');
select pgq.next_batch('orders', 'billing');
