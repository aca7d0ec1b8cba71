package app

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"time"

	"perennial/internal/account"
)

// DeviceKept is how long a browser is known after a sign-in.
const DeviceKept = 90 * 24 * time.Hour

// Device is kept by a browser after a sign-in. It signs nobody in, but its failed sign-ins
// are counted apart: a stranger who fails with somebody's e-mail address on purpose does
// not lock that person out of a known browser. The browser gets it sealed.
type Device struct {
	UserID   string
	Secret   string
	Password string // a digest of the password's hash: a new password ends the device
	At       time.Time
}

func deviceOf(u account.User, secret string, now time.Time) Device {
	return Device{UserID: u.ID, Secret: secret, Password: digest(u.PasswordHash), At: now}
}

// knows reports whether the user signed in on the device within DeviceKept, with the
// password that the user has now.
func (d Device) knows(u account.User, now time.Time) bool {
	age := now.Sub(d.At)
	return d.Secret != "" && u.ID != "" && d.UserID == u.ID && age >= 0 && age < DeviceKept &&
		subtle.ConstantTimeCompare([]byte(d.Password), []byte(digest(u.PasswordHash))) == 1
}

// limit is the bucket of the device.
func (d Device) limit() bucket {
	return bucket{key: "device " + digest(d.Secret), limit: SignInsPerEmail, own: true}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
