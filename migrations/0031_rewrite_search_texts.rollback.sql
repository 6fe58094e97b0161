-- Takes 0031_rewrite_search_texts back: 0030 rewrites the rows again when it is taken back.

SELECT;
