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

// cardPage is what the card page shows. Without a Session it offers no cards.
type cardPage struct {
	Session string
	Cancel  string
	Cards   []testCard
	Chosen  string
	Problem string
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

// leadBack is the way back with the id of the session, and without one that came in.
func leadBack(u *url.URL, query url.Values, id string) string {
	query.Del("session")
	query.Set("session", id)
	back := *u
	back.RawQuery = query.Encode()
	return back.String()
}

func (s *Server) serveCardPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r.URL.Query().Get("session"), deck[0].Token, "")
}

// takeCard keeps the card that was picked and leads back.
func (s *Server) takeCard(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		s.show(w, "", "", "The form cannot be read.")
		return
	}
	id, token := r.PostForm.Get("session"), r.PostForm.Get("card")
	found, u, query, err := s.visit(id)
	if _, ok := cards[token]; err != nil || !ok {
		s.show(w, id, token, "Choose one of the cards.")
		return
	}
	if picked, err := s.Pick(id, token); err != nil || !picked && found.Card != token {
		s.show(w, id, token, "A card was entered before, and stays.")
		return
	}
	head(w, origin(u))
	http.Redirect(w, r, leadBack(u, query, id), http.StatusSeeOther)
}

// visit finds a session and where it leads back to.
func (s *Server) visit(id string) (session, *url.URL, url.Values, error) {
	found, no, err := s.session(id)
	if err == nil && no != nil {
		err = errors.New("there is no such session")
	}
	if err != nil {
		return found, nil, nil, err
	}
	u, query, err := s.backTo(found.ReturnTo)
	return found, u, query, err
}

// show writes the page, with what is wrong if anything is.
func (s *Server) show(w http.ResponseWriter, id, chosen, problem string) {
	p := cardPage{Problem: problem}
	_, u, query, err := s.visit(id)
	status, back := http.StatusOK, ""
	if err != nil {
		status = http.StatusBadRequest
		if problem == "" || id != "" {
			p.Problem = "This page does not know where to lead back to: " + err.Error() + "."
		}
	} else {
		back = origin(u)
		p.Session, p.Cancel, p.Cards, p.Chosen = id, leadBack(u, query, id), deck, chosen
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
