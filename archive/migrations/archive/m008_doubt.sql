-- What the evidence of an article quarrels about: reasons as codes, as JSON.
alter table articles add column doubt text not null default '[]';
