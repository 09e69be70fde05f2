create role corpus_owner; create role corpus_reader noinherit; create role "Corpus Other" login;
