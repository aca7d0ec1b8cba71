package testkit

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"sync"
)

// OpKind is what database/sql asked the driver for.
type OpKind string

// The operations that are counted. Rollback is not: it is what follows a fault.
const (
	OpBegin   OpKind = "begin"
	OpPrepare OpKind = "prepare"
	OpExec    OpKind = "exec"
	OpQuery   OpKind = "query"
	OpCommit  OpKind = "commit"
)

// Op is one operation on the database. N counts from 1 over all connections
// since the faults were armed.
type Op struct {
	N    int
	Kind OpKind
	SQL  string
}

// When says at which point of an operation its error is heard.
type When int

// The points of an operation.
const (
	Before  When = iota // nothing took effect; a commit has rolled back
	After               // it took effect, and the caller hears an error all the same
	Reading             // a query was accepted, and its first row cannot be read; else as Before
)

// Fault is what happens to one operation. The zero Fault is nothing.
type Fault struct {
	// Do is called first. It may cancel a context, move a clock or end the
	// process. It may not panic: database/sql keeps its locks when a driver does,
	// so a panic belongs into what a transaction calls, such as its clock.
	Do func()
	// Err is what the caller hears: the real error of an engine that is busy,
	// full or gone, or driver.ErrBadConn. With nil the operation goes its way.
	Err  error
	When When
}

// Faults decides which operations on a database fail. It is safe for several
// connections at once.
type Faults struct {
	mu      sync.Mutex
	hook    func(Op) Fault
	count   int
	struck  int
	misuses []string
}

// Wrap puts the faults between database/sql and an engine's driver. The driver
// has to speak contexts, as those of both engines do.
func (f *Faults) Wrap(engine driver.Connector) driver.Connector {
	return &faultConnector{Connector: engine, faults: f}
}

// Arm asks hook about every operation from now on, and counts them from 1. The
// hook is called by one operation at a time.
func (f *Faults) Arm(hook func(Op) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook, f.count, f.struck = hook, 0, 0
}

// ArmNth lets fault happen to the n-th operation from now of the kinds named, or of
// any where none is, and to no other.
func (f *Faults) ArmNth(n int, fault Fault, kinds ...OpKind) {
	seen := 0
	f.Arm(func(op Op) Fault {
		if len(kinds) > 0 && !slices.Contains(kinds, op.Kind) {
			return Fault{}
		}
		if seen++; seen == n {
			return fault
		}
		return Fault{}
	})
}

// Disarm lets everything through. The counts stay to be read.
func (f *Faults) Disarm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = nil
}

// Count is how many operations were seen while armed.
func (f *Faults) Count() int { f.mu.Lock(); defer f.mu.Unlock(); return f.count }

// Struck is how many faults have happened since the faults were armed. A sweep
// over every n ends with the run in which it stays 0.
func (f *Faults) Struck() int { f.mu.Lock(); defer f.mu.Unlock(); return f.struck }

// Misuses lists the operations that followed an error in the same transaction.
// There must be none: the engine may have rolled back by itself, and the next
// statement would then commit alone. The driver refuses them, injected error or
// not, armed or not.
func (f *Faults) Misuses() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.misuses...)
}

// next counts an operation and says what happens to it.
func (f *Faults) next(kind OpKind, sql string) Fault {
	fault := f.ask(kind, sql)
	if fault.Do != nil {
		fault.Do()
	}
	return fault
}

func (f *Faults) ask(kind OpKind, sql string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hook == nil {
		return Fault{}
	}
	f.count++
	fault := f.hook(Op{N: f.count, Kind: kind, SQL: sql})
	if fault.Err != nil || fault.Do != nil {
		f.struck++
	}
	return fault
}

func (f *Faults) misuse(kind OpKind, sql string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	what := fmt.Sprintf("%s after an error in its transaction: %s", kind, sql)
	f.misuses = append(f.misuses, what)
	return fmt.Errorf("testkit: %s", what)
}
