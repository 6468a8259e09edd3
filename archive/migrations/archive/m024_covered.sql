-- Where a digest's editions end is asked at every opening: without reading through their texts.
create index digests_covered on digests (name, covers_to)
