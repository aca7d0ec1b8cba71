// Package account holds the rules about who owns and who may do: customer
// accounts, their users, roles, passwords and sessions. It knows neither cookies
// nor tables.
package account

import (
	"net/mail"
	"strings"
	"time"

	"perennial/internal/fault"
)

// Account is the customer: it owns instances, wallet, orders and tasks.
type Account struct {
	ID            string
	Name          string
	Currency      string
	ZoneName      string // IANA name of the billing time zone
	Zone          *time.Location
	Email         string // where notices go
	GraceDays     int
	RetentionDays int
	Frozen        bool
	// ContractRate is the contract discount in hundredths of a percent.
	ContractRate int
	// PriceRevision counts changes of the price book and of the discount.
	PriceRevision int64
	// PriceBook is the number of the price book in use.
	PriceBook int64
	CreatedAt time.Time
}

// Role says what a user may do.
type Role string

// The roles. Each may do what the ones before it may.
const (
	Viewer Role = "viewer" // sees
	Buyer  Role = "buyer"  // prepares, confirms, pays
	Owner  Role = "owner"  // also imports, settings and users
)

var rank = map[Role]int{Viewer: 1, Buyer: 2, Owner: 3}

// Known tells whether the role exists.
func (r Role) Known() bool { return rank[r] > 0 }

// Covers tells whether r may do what needed may. An unknown role covers nothing.
func (r Role) Covers(needed Role) bool { return r.Known() && rank[r] >= rank[needed] }

// User signs in and belongs to one account.
type User struct {
	ID           string
	AccountID    string
	Email        string
	Name         string
	Role         Role
	PasswordHash string
	CreatedAt    time.Time
	// NoticesReadAt is up to when the user has read the notifications.
	NoticesReadAt time.Time
}

// ParseEmail checks and folds an e-mail address, so that an address is one user
// however it is typed.
func ParseEmail(text string) (string, error) {
	text = strings.TrimSpace(text)
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > 254 || strings.ContainsAny(text, "\r\n") {
		return "", fault.Field("email", "This is not an e-mail address.")
	}
	return strings.ToLower(text), nil
}

// Session is a signed-in browser.
type Session struct {
	IDHash    string // SHA-256 of the opaque id in the cookie
	UserID    string
	CreatedAt time.Time
	UsedAt    time.Time
}

// The limits of a session (OWASP ASVS 5, V7.3).
const (
	SessionIdle     = 30 * time.Minute
	SessionAbsolute = 12 * time.Hour
	// SessionTouch is how often at most the last use is written.
	SessionTouch = time.Minute
)

// Alive tells whether the session may still be used at now.
func (s Session) Alive(now time.Time) bool {
	return now.Sub(s.UsedAt) < SessionIdle && now.Sub(s.CreatedAt) < SessionAbsolute
}
