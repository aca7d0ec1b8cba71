package gateway

// DeclineReason is the gateway's code for why a card was declined. Gateways add
// codes without notice, so one that is not listed here is still a decline.
type DeclineReason string

// The reasons that have a sentence of their own.
const (
	InsufficientFunds      DeclineReason = "insufficient_funds"
	LimitExceeded          DeclineReason = "limit_exceeded"
	CardExpired            DeclineReason = "card_expired"
	CardBlocked            DeclineReason = "card_blocked"
	InvalidCard            DeclineReason = "invalid_card"
	CurrencyNotSupported   DeclineReason = "currency_not_supported"
	AuthenticationRequired DeclineReason = "authentication_required"
	DoNotHonor             DeclineReason = "do_not_honor"
)

var declineSentences = map[DeclineReason]string{
	InsufficientFunds:      "The card does not have enough funds.",
	LimitExceeded:          "The amount is above the card's limit.",
	CardExpired:            "The card has expired.",
	CardBlocked:            "The card was blocked by the bank that issued it.",
	InvalidCard:            "The card's number is not valid any more.",
	CurrencyNotSupported:   "The card cannot be charged in this currency.",
	AuthenticationRequired: "The bank wants the card holder to confirm this payment.",
	DoNotHonor:             "The bank declined the card without giving a reason.",
}

// Sentence tells a person why the card was declined.
func (r DeclineReason) Sentence() string {
	if s, ok := declineSentences[r]; ok {
		return s
	}
	return "The card was declined."
}
