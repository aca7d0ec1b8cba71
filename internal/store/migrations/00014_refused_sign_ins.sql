-- How many sign-ins of a user were refused since the last that was not.
ALTER TABLE member ADD COLUMN refused_sign_ins BIGINT NOT NULL DEFAULT 0 CHECK (refused_sign_ins >= 0);
