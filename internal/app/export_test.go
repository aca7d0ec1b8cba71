package app

// SetMost makes files larger than n bytes too large, in place of MaxUpload.
func (s *Uploads) SetMost(n int64) { s.most = n }
