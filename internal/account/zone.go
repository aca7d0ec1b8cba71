package account

import (
	"sync"
	"time"

	"perennial/internal/fault"
)

// zones keeps what was loaded: every request needs its account's zone, and
// loading one reads a file.
var zones sync.Map

// Zone finds a billing time zone by its IANA name. "Local" and "" are refused:
// they mean something else on every machine.
func Zone(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, fault.Field("zone", "A time zone is a name such as Asia/Shanghai or UTC.")
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "%q is not a time zone such as Asia/Shanghai or UTC.", name)
	}
	zones.Store(name, z)
	return z, nil
}
