-- An account has several price books for a while: the one in use, and a newer one
-- that an import writes in many transactions before it takes the other's place.
-- price_books numbers them, price_book is the one in use.
ALTER TABLE account ADD COLUMN price_book BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN price_books BIGINT NOT NULL DEFAULT 0;

CREATE TABLE book_price (
  account_id   TEXT NOT NULL REFERENCES account (id),
  book         BIGINT NOT NULL,
  service_code TEXT NOT NULL,
  spec_code    TEXT NOT NULL,
  region_code  TEXT NOT NULL,
  period       BIGINT NOT NULL,
  list_price   BIGINT NOT NULL CHECK (list_price >= 0),
  currency     TEXT NOT NULL,
  PRIMARY KEY (account_id, book, service_code, spec_code, region_code, period)
);
INSERT INTO book_price SELECT account_id, 0, service_code, spec_code, region_code, period, list_price, currency FROM price;
DROP TABLE price;
ALTER TABLE book_price RENAME TO price;
