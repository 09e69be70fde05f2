-- Vectors of each kind with the indexes of pgvector's two access methods.
create extension vector;
create table items (id serial primary key, v vector(3), h halfvec(3), s sparsevec(5), b bit(8));
insert into items (v, h, s, b) select array[i, i % 7, 1.5]::vector, array[i, 1, 2]::halfvec, ('{1:' || i || '}/5')::sparsevec, i::bit(8) from generate_series(1, 100) i;
create index on items using hnsw (v vector_l2_ops) with (m = 8, ef_construction = 32); create index on items using ivfflat (v vector_cosine_ops) with (lists = 5);
create index on items using hnsw (h halfvec_ip_ops); create index on items using hnsw (b bit_hamming_ops);
create materialized view mean as select avg(v) as v from items;
