package sandbox

import (
	_ "embed"
	"errors"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed page.html
var pageText string

//go:embed page.css
var style string

var page = template.Must(template.New("page").Parse(pageText))

// cardPage is what the card page shows. Without a ReturnTo it offers no cards.
type cardPage struct {
	ReturnTo string
	Cancel   string
	Cards    []testCard
	Chosen   string
	Problem  string
}

// webAddress reads an address that a browser may be sent to. The parsed form is
// sent on, never the text, so that no browser reads another host out of it.
func webAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case len(text) > 2048:
		return nil, errors.New("the address is too long")
	case err != nil:
		return nil, errors.New("the address cannot be read")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return nil, errors.New("the address is not that of a web page")
	}
	return u, nil
}

func origin(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }

// backTo reads a return_to. It is either on this machine or where the gateway was
// told to lead: it must not become a way to send people anywhere.
func (s *Server) backTo(text string) (*url.URL, url.Values, error) {
	u, err := webAddress(text)
	if err != nil {
		return nil, nil, err
	}
	if host := u.Hostname(); host != "localhost" && !net.ParseIP(host).IsLoopback() && !slices.Contains(s.origins, origin(u)) {
		return nil, nil, errors.New("the address is neither on this machine nor one that this gateway may lead back to")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, nil, errors.New("the query of the address cannot be read")
	}
	return u, query, nil
}

// answered is the way back with one answer, and without one that came in.
func answered(u *url.URL, query url.Values, name, value string) string {
	query.Del("token")
	query.Del("cancelled")
	query.Set(name, value)
	back := *u
	back.RawQuery = query.Encode()
	return back.String()
}

func (s *Server) serveCardPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r.URL.Query().Get("return_to"), deck[0].Token, "")
}

// takeCard leads back with the token of the card that was picked.
func (s *Server) takeCard(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		s.show(w, "", "", "The form cannot be read.")
		return
	}
	returnTo, token := r.PostForm.Get("return_to"), r.PostForm.Get("card")
	u, query, err := s.backTo(returnTo)
	if _, ok := cards[token]; err != nil || !ok {
		s.show(w, returnTo, token, "Choose one of the cards.")
		return
	}
	head(w, origin(u))
	http.Redirect(w, r, answered(u, query, "token", token), http.StatusSeeOther)
}

// show writes the page, with what is wrong if anything is.
func (s *Server) show(w http.ResponseWriter, returnTo, chosen, problem string) {
	p := cardPage{Problem: problem}
	u, query, err := s.backTo(returnTo)
	status, back := http.StatusOK, ""
	if err != nil {
		status = http.StatusBadRequest
		if problem == "" || returnTo != "" {
			p.Problem = "This page does not know where to lead back to: " + err.Error() + "."
		}
	} else {
		back = origin(u)
		p.ReturnTo, p.Cancel, p.Cards, p.Chosen = returnTo, answered(u, query, "cancelled", "1"), deck, chosen
		if problem != "" {
			status = http.StatusUnprocessableEntity
		}
	}
	head(w, back)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = page.Execute(w, p) // a reader who has left sees nothing
}

// head sets what keeps the page to itself. Browsers hold the redirect that follows
// a form to form-action, too, so the way back has to stand there.
func head(w http.ResponseWriter, back string) {
	if strings.Contains(back, "[") {
		back, _, _ = strings.Cut(back, "//") // a policy has no word for an IPv6 address; the scheme has to do
	}
	h := w.Header()
	h.Set("Content-Security-Policy", strings.TrimRight("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+back, " "))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(style))
}
