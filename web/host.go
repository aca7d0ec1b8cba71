package web

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// errWrongHost refuses a request to a name under which nobody opens the console.
var errWrongHost = errors.New("the request is for another host")

// addressed answers under the public name only. A stranger may have his own name resolve to
// this machine, and his page then reads and sends anything under that name. The probes
// answer under every name, because balancers ask by address.
func (s *server) addressed(next step) step {
	return func(c *call) error {
		if !c.route.probe && !hostAllowed(s.PublicURL, c.Request().Host) {
			return errWrongHost
		}
		return next(c)
	}
}

// hostAllowed reports whether a request to a host is one to the console at an address. A
// proxy may leave the port out, and all names of this machine are the same.
func hostAllowed(at *url.URL, host string) bool {
	asked := (&url.URL{Host: host}).Hostname()
	return strings.EqualFold(asked, at.Hostname()) || loopback(at.Hostname()) && loopback(asked)
}

// loopback reports whether a name or an address is this machine and nothing else.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}
