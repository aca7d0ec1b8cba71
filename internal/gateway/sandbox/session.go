package sandbox

import (
	"fmt"
	"net/http"
)

// The events of a card session.
const (
	sessionOpened = "session_opened"
	cardPicked    = "card_picked"
)

// session is one visit of a person to the card page.
type session struct {
	ID, Key, Account, ReturnTo string
	Card                       string // the token that was picked, or empty
}

// applySession enters a line about a session. A card is picked once.
func (b *book) applySession(e entry) error {
	was, known := b.sessions[e.ID]
	_, card := cards[e.Card]
	switch {
	case e.ID == "" || e.Key == "" || e.Account == "" || e.ReturnTo == "" || e.Amount != 0 || e.Payment != "" || e.Reason != "":
		return fmt.Errorf("%s %q is not a whole entry", e.Event, e.ID)
	case e.Event == sessionOpened && (known || e.Card != ""):
		return fmt.Errorf("session %s is opened twice or with a card", e.ID)
	case e.Event == cardPicked && (!known || was.Card != "" || !card):
		return fmt.Errorf("session %s cannot have this card", e.ID)
	}
	b.sessions[e.ID] = session{e.ID, e.Key, e.Account, e.ReturnTo, e.Card}
	return nil
}

// openSession finds or makes the session of a key.
func (s *Server) openSession(key, account, returnTo string) (session, *refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return session{}, nil, s.broken
	}
	id := idOf("cs_", key)
	if was, ok := s.book.sessions[id]; ok {
		if was.Account != account || was.ReturnTo != returnTo {
			return was, &refusal{http.StatusConflict, "key_reused", "The key belongs to a session of another account or way back.", key}, nil
		}
		return was, nil, nil
	}
	err := s.record(entry{Event: sessionOpened, ID: id, Key: key, Account: account, ReturnTo: returnTo})
	return s.book.sessions[id], nil, err
}

func (s *Server) session(id string) (session, *refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.book.sessions[id]
	switch {
	case s.broken != nil:
		return session{}, nil, s.broken
	case !ok:
		return session{}, &refusal{http.StatusNotFound, "not_found", "There is no such session.", id}, nil
	}
	return found, nil, nil
}

// Pick enters a test card in a session, as a person does on the card page. It
// reports false where there is no such session or card, or one was picked before.
func (s *Server) Pick(id, token string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return false, s.broken
	}
	was, known := s.book.sessions[id]
	if _, ok := cards[token]; !known || !ok || was.Card != "" {
		return false, nil
	}
	return true, s.record(entry{Event: cardPicked, ID: id, Key: was.Key, Account: was.Account, ReturnTo: was.ReturnTo, Card: token})
}

func (s session) tell(mood Mood) any {
	out := struct {
		ID      string `json:"id"`
		Key     string `json:"key"`
		Account string `json:"account"`
		State   string `json:"state"`
		Card    *Card  `json:"card,omitempty"`
	}{ID: s.ID, Key: s.Key, Account: s.Account, State: "open"}
	if c, ok := cards[s.Card]; ok {
		out.State, out.Card = "completed", &c.Card
	}
	if mood == WrongID {
		out.ID, out.Key, out.Account = "cs_of_somebody_else", "key of somebody else", "somebody else"
	}
	return out
}

func (s *Server) serveOpenSession(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Key      string `json:"key"`
		Account  string `json:"account"`
		ReturnTo string `json:"return_to"`
	}
	if !read(w, r, &in) {
		return
	}
	why := unusable(in.Key, 1, "USD")
	if why == "" && (in.Account == "" || len(in.Account) > 255) {
		why = "The account must have 1 to 255 bytes."
	}
	if _, _, err := s.backTo(in.ReturnTo); why == "" && err != nil {
		why = "The card page cannot lead back there: " + err.Error() + "."
	}
	if why != "" {
		refuse(w, &refusal{http.StatusBadRequest, "invalid", why, in.Key})
		return
	}
	misbehave(s, w, r, CallCard, func(Mood) (session, *refusal, error) { return s.openSession(in.Key, in.Account, in.ReturnTo) })
}

func (s *Server) serveSession(w http.ResponseWriter, r *http.Request) {
	misbehave(s, w, r, CallCard, func(Mood) (session, *refusal, error) { return s.session(r.PathValue("id")) })
}
