package web

import (
	"net/http"

	"perennial/internal/app"
)

// device returns the device that the browser kept at its last sign-in. A cookie that none
// of the keys made counts as none.
func (c *call) device() (d app.Device) {
	s := c.server.sessions
	cookie, err := c.Cookie(s.deviceCookie())
	if err != nil {
		return app.Device{}
	}
	for _, codec := range s.cookies.Codecs {
		if codec.Decode(cookie.Name, cookie.Value, &d) == nil {
			return d
		}
	}
	return app.Device{}
}

// keepDevice gives the browser the device of this sign-in. Where that fails, the browser is
// unknown at the next one and nothing else is lost.
func (c *call) keepDevice(d app.Device) {
	s := c.server.sessions
	value, err := s.cookies.Codecs[0].Encode(s.deviceCookie(), d)
	if err != nil {
		c.server.Log.WarnContext(c.ctx(), "a device is not kept", "request", c.id, "error", err.Error())
		return
	}
	c.SetCookie(&http.Cookie{
		Name: s.deviceCookie(), Value: value, Path: "/", MaxAge: int(app.DeviceKept.Seconds()),
		Secure: c.server.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
