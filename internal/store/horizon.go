package store

import "time"

// Quarter of an hour is the finest offset of a time zone: each falls on one day
// everywhere.
const Quarter = 15 * time.Minute

// Bucket is how many units expire in the quarter of an hour that begins At.
type Bucket struct {
	At    time.Time
	Units int
}

// Horizon counts the units of a scope by the quarter of an hour in which they
// expire. The days are the caller's: they belong to a billing zone.
func (tx *Tx) Horizon(s Scope) ([]Bucket, error) {
	w := s.conditions()
	return list(tx, "SELECT expires_at / 900000, COUNT(*) FROM instance WHERE "+w.String()+" GROUP BY 1", w.args, func(r row) (Bucket, error) {
		var b Bucket
		var quarter int64
		err := r.Scan(&quarter, &b.Units)
		b.At = instant(quarter * Quarter.Milliseconds())
		return b, err
	})
}
