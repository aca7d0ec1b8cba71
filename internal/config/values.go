package config

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// PublicURL is the address at which people open the console: an origin without
// path. It is https, or http on this machine.
type PublicURL struct {
	Scheme string // http or https
	Host   string // in lower case, with a port where it is not the scheme's own
}

// UnmarshalText reads an address and refuses one that would send passwords over a
// network in the clear.
func (p *PublicURL) UnmarshalText(text []byte) error {
	u, err := url.Parse(strings.TrimSuffix(string(text), "/"))
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("%q is not an address such as https://renewals.example.com", text)
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("%q has more than a scheme and a host", text)
	case u.Scheme == "http" && !Loopback(u.Hostname()):
		return fmt.Errorf("%s is not encrypted; http is for this machine only. Use https", text)
	}
	p.Scheme, p.Host = u.Scheme, strings.ToLower(u.Host)
	return nil
}

// URL is the address, for whoever makes links of it.
func (p PublicURL) URL() *url.URL { return &url.URL{Scheme: p.Scheme, Host: p.Host} }

// Secure tells whether people reach the console over TLS.
func (p PublicURL) Secure() bool { return p.Scheme == "https" }

// Loopback tells whether a host name or address is this machine and nothing else.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// SecretBytes is the length of a secret.
const SecretBytes = 32

// Secret is a random key that is not shown: not in an error, not in a log.
type Secret []byte

// UnmarshalText reads a key of SecretBytes bytes in base64.
func (s *Secret) UnmarshalText(text []byte) error {
	key, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil || len(key) != SecretBytes {
		return fmt.Errorf("a session key is %d random bytes in base64, as openssl rand -base64 %d makes them", SecretBytes, SecretBytes)
	}
	*s = key
	return nil
}

// String hides the key.
func (s Secret) String() string { return "(secret)" }

// Percent is a share in hundredths of a percent.
type Percent int

// UnmarshalText reads a percentage with up to two decimals, such as 12.5.
func (p *Percent) UnmarshalText(text []byte) error {
	whole, fraction, _ := strings.Cut(string(text), ".")
	hundredths, err := strconv.ParseUint(whole+(fraction + "00")[:2], 10, 16)
	if err != nil || whole == "" || len(fraction) > 2 || hundredths > 10_000 {
		return fmt.Errorf("%q is not a percentage from 0 to 100 with up to two decimals", text)
	}
	*p = Percent(hundredths)
	return nil
}

// Count is how many instances an estate has, as many as a file can hold.
type Count int

// UnmarshalText reads a whole number from 0 to a million.
func (c *Count) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 32)
	if err != nil || n > 1_000_000 {
		return fmt.Errorf("%q is not a whole number from 0 to 1000000", text)
	}
	*c = Count(n)
	return nil
}

// Instant is a point in time.
type Instant struct{ time.Time }

// UnmarshalText reads an instant as in RFC 3339.
func (i *Instant) UnmarshalText(text []byte) (err error) {
	if i.Time, err = time.Parse(time.RFC3339, string(text)); err != nil {
		return fmt.Errorf("%q is not an instant such as 2026-11-22T06:00:00Z", text)
	}
	return nil
}

// Network is a range of addresses.
type Network struct{ netip.Prefix }

// UnmarshalText reads a network as in 10.0.0.0/8, or a single address.
func (n *Network) UnmarshalText(text []byte) error {
	if one, err := netip.ParseAddr(string(text)); err == nil && one.Zone() == "" {
		n.Prefix = netip.PrefixFrom(one, one.BitLen())
		return nil
	}
	var err error
	if n.Prefix, err = netip.ParsePrefix(string(text)); err != nil {
		return fmt.Errorf("%q is not a network such as 10.0.0.0/8 or 127.0.0.1/32", text)
	}
	return nil
}
