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
	BooksBehind   Books = "behind"   // they may lack what the card gateway has charged
	BooksOlder    Books = "older"    // they lack what they have held, and no gateway knows it
	BooksDiffer   Books = "differ"   // the card gateway has a payment that they lack
)
