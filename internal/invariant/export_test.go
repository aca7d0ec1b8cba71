package invariant

// EachQuery calls f with the query of each rule for one account.
func EachQuery(f func(says, query string)) {
	for _, r := range rules {
		f(r.says, r.text(true))
	}
}
