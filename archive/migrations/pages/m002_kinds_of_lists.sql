update lists set waiting = substr(waiting, 7) where waiting like 'parse!_%' escape '!';
