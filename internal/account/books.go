package account

// Books is the state of an account's records, which decides whether money of the
// account may be moved.
type Books string

// The states of an account's records.
const (
	BooksSound    Books = "sound"
	BooksChecking Books = "checking" // they have not been checked since the server started
	BooksBroken   Books = "broken"   // they do not add up
	BooksDamaged  Books = "damaged"  // the database that holds them is damaged or gone
)
