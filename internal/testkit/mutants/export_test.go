package main

// EachGuard calls look with each guard, the file in which it stands and what it
// keeps from happening.
func EachGuard(look func(keeps, file, guard string)) {
	for _, m := range mutants {
		look(m.guards, m.file, m.guard)
	}
}
