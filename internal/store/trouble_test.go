package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"perennial/internal/fault"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// A COMMIT whose answer is lost may have taken effect; one that the engine refuses
// has not.
func TestALostCommitIsToldFromARefusedOne(t *testing.T) {
	eachStore(t, func(t *testing.T, w *testkit.World, db *store.DB, f *testkit.Faults) {
		all := testkit.DBErrors(t, db.Engine())
		unknown := map[string]error{"reset": &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}}
		if db.Engine() == testkit.Postgres {
			unknown["late"] = fmt.Errorf("timeout: %w", context.DeadlineExceeded)
			unknown["given up"] = context.Canceled
			unknown["stopped"] = &pgconn.PgError{Severity: "FATAL", Code: "57P01", Message: "terminating connection due to administrator command"}
		}
		commit := func(id string, err error, when testkit.When) error {
			f.Arm(func(op testkit.Op) testkit.Fault {
				if op.Kind == testkit.OpCommit {
					return testkit.Fault{Err: err, When: when}
				}
				return testkit.Fault{}
			})
			defer f.Disarm()
			return db.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertAccount(another(w, id)) })
		}
		for name, cause := range unknown {
			err := commit(name, cause, testkit.After)
			if said, _ := fault.Of(err); !errors.Is(err, store.ErrOutcomeUnknown) || !errors.Is(err, store.ErrTrouble) || said.Kind != fault.Unavailable {
				t.Errorf("%s: %v", name, err)
			}
			if !kept(w, name) {
				t.Errorf("%s was run again or rolled back", name)
			}
		}
		for _, name := range []string{"full", "busy"} {
			if err := commit("refused", all[name], testkit.Before); err == nil || errors.Is(err, store.ErrOutcomeUnknown) || kept(w, "refused") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
