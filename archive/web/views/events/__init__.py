"""Events on the pages: as one entry of a list, on the page of an article, and what editors do to them."""
