package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"

	"perennial/internal/fault"
)

// contentPolicy lets a page load from this console and from nowhere else, and run
// no script that is written into it. Its forms lead to this console, and where
// there is a card gateway on to the page on which a card is entered.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'%s; base-uri 'none'; frame-ancestors 'none'"

// logged writes one line for every answer and counts it. The query is left out:
// it holds names that people searched for.
func (s *server) logged(next step) step {
	return func(c *call) error {
		began := s.Clock.Monotonic()
		c.Response().Header().Set(echo.HeaderXRequestID, c.id)
		defer func() {
			took := s.Clock.Monotonic() - began
			status := c.Response().Status
			s.Metrics.count(c.Request().Method, c.route.path, status, took)
			level := slog.LevelInfo
			if c.route.bare || c.route.poll {
				level = slog.LevelDebug
			}
			s.Log.LogAttrs(c.ctx(), level, "answered",
				slog.String("request", c.id), slog.String("method", c.Request().Method),
				slog.String("path", c.Request().URL.Path), slog.Int("status", status),
				slog.Int64("bytes", c.Response().Size), slog.Duration("took", took),
				slog.String("user", c.person.User.ID), slog.String("address", c.RealIP()))
		}()
		return next(c)
	}
}

// secured sets the headers that every answer has, errors and redirects included.
func (s *server) secured(next step) step {
	policy := fmt.Sprintf(contentPolicy, s.cardOrigin())
	return func(c *call) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Not no-referrer: with it browsers send forms with "Origin: null".
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store") // static assets set their own
		h.Add("Vary", "HX-Request-Type")
		if s.secure() {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		return next(c)
	}
}

// errNoOrigin is why a change without an origin is refused.
var errNoOrigin = errors.New("an unsafe request with neither Sec-Fetch-Site nor Origin")

// limited bounds what a request may bring, and how long that may take.
func (s *server) limited(next step) step {
	return func(c *call) error {
		limit := c.route.body
		if limit == 0 {
			limit = formBytes
		}
		r := c.Request()
		if r.ContentLength > limit {
			return &http.MaxBytesError{Limit: limit}
		}
		if r.ContentLength != 0 {
			defer c.arrives(r)()
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
		return next(c)
	}
}

// sameOrigin refuses a change that another site asks for. It is stricter than the
// library, which lets requests pass that carry neither header: those do not come
// from a browser of this decade, and nothing else signs in here.
func (s *server) sameOrigin(next step) step {
	protection := http.NewCrossOriginProtection()
	// Behind a proxy that names the host without its port, the public address is still our own.
	if err := protection.AddTrustedOrigin(s.PublicURL.Scheme + "://" + s.PublicURL.Host); err != nil {
		panic("web: the public URL is no origin: " + err.Error())
	}
	return func(c *call) error {
		r := c.Request()
		err := protection.Check(r)
		if err == nil && c.unsafe() && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			err = errNoOrigin
		}
		if err != nil {
			return fault.Wrap(err, fault.Forbidden, "This was sent from another site, so nothing was done. Open the page here and try again.")
		}
		return next(c)
	}
}

// compressed packs what is worth it, at the level that costs least. Static assets
// come packed already. The middleware of Echo makes a compressor of a megabyte for
// every answer, also for those that are too short to be packed.
func (s *server) compressed(next step) step {
	pack, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(1))
	if err != nil {
		panic("web: gzip cannot be set up: " + err.Error())
	}
	wrapped := echo.WrapMiddleware(func(h http.Handler) http.Handler { return pack(h) })(
		func(c echo.Context) error { return next(c.(*call)) })
	return func(c *call) error {
		// The packer is closed when this returns: what is answered after a fault goes
		// past it.
		plain := c.Response()
		defer func() { c.SetResponse(plain) }()
		return wrapped(c)
	}
}
