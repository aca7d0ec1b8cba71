package billing_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/billing"
)

// paidUnits draws units whose legs add up to their fees.
func paidUnits(t *rapid.T) []billing.PaidUnit {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) billing.PaidUnit {
		old := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "old")).UTC()
		u := billing.PaidUnit{Item: rapid.IntRange(0, 10_000).Draw(t, "item"), OrderID: rapid.StringN(0, 30, -1).Draw(t, "order"),
			InstanceID: rapid.StringN(1, 128, -1).Draw(t, "instance"), OldExpiry: old,
			NewExpiry: old.Add(time.Duration(rapid.IntRange(1, 1e6).Draw(t, "longer")) * time.Millisecond), Fee: usd(0)}
		for _, kind := range billing.LegKinds {
			if part := rapid.Int64Range(0, 1e15).Draw(t, string(kind)); part > 0 {
				u.Legs = append(u.Legs, billing.Leg{Kind: kind, Source: map[billing.LegKind]string{billing.FromCoupon: "SPRING, 27;%", billing.FromCard: "card-1"}[kind], Amount: usd(part)})
				u.Fee.Minor += part
			}
		}
		return u
	}), 1, 5).Draw(t, "units")
}

func TestPaymentData_ComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := billing.PaymentData{Installation: "inst", AccountID: rapid.StringN(0, 20, -1).Draw(t, "account"), Purpose: billing.ForRenewal,
			PaymentID: "p-1", TaskID: rapid.StringN(0, 36, -1).Draw(t, "task"), CreatedBy: rapid.StringN(0, 40, -1).Draw(t, "by"),
			CreatedAt: time.UnixMilli(1_700_000_000_123).UTC(), Units: paidUnits(t)}
		text := d.Text()
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("%q would not survive a gateway", text)
		}
		got, err := billing.ReadPaymentData(text, "USD", "card-1")
		if err != nil || !reflect.DeepEqual(got, d) {
			t.Fatalf("%+v became %+v, %v", d, got, err)
		}
		// Whatever is lost of it is noticed.
		cut := rapid.IntRange(0, len(text)-1).Draw(t, "cut")
		for _, damaged := range []string{text[:cut], text[cut+1:], text[:cut] + "!" + text[cut+1:]} {
			if _, err := billing.ReadPaymentData(damaged, "USD", "card-1"); err == nil {
				t.Fatalf("%q was read after %q", damaged, text)
			}
		}
	})
}

func TestReadPaymentData_RefusesUnitsThatDoNotAddUp(t *testing.T) {
	whole := func() billing.PaymentData {
		return billing.PaymentData{Purpose: billing.ForRenewal, Units: []billing.PaidUnit{{InstanceID: "a", OldExpiry: noon, NewExpiry: noon.Add(time.Hour),
			Fee: usd(5), Legs: []billing.Leg{{Kind: billing.FromBalance, Amount: usd(5)}}}}}
	}
	if _, err := billing.ReadPaymentData(whole().Text(), "USD", ""); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*billing.PaidUnit){
		"fee":      func(u *billing.PaidUnit) { u.Fee = usd(6) },
		"leg":      func(u *billing.PaidUnit) { u.Legs[0].Amount = usd(-5) },
		"instance": func(u *billing.PaidUnit) { u.InstanceID = "" },
		"expiry":   func(u *billing.PaidUnit) { u.NewExpiry = u.OldExpiry },
	} {
		d := whole()
		spoil(&d.Units[0])
		if _, err := billing.ReadPaymentData(d.Text(), "USD", ""); err == nil {
			t.Errorf("a bad %s was read", name)
		}
	}
}

// What CardRun admits fits into what gateways keep, however long identifiers are.
func TestCardRun_AdmitsWhatAGatewayKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := strings.Repeat(rapid.SampledFrom([]string{"x", "é", "名"}).Draw(t, "letter"), rapid.IntRange(1, 128).Draw(t, "length"))
		coupon := billing.Leg{Kind: billing.FromCoupon, Source: strings.Repeat("c", rapid.IntRange(1, 60).Draw(t, "coupon")), Amount: usd(9e15)}
		d := billing.PaymentData{Installation: strings.Repeat("i", 26), AccountID: strings.Repeat("名", 42), Purpose: billing.ForRenewal,
			PaymentID: strings.Repeat("p", 36), TaskID: strings.Repeat("t", 36), CreatedBy: strings.Repeat("名", 200), CreatedAt: noon}
		var run billing.CardRun
		for n := 1; ; n++ {
			u := billing.PaidUnit{Item: n, InstanceID: id, OldExpiry: noon, NewExpiry: noon.Add(time.Hour), Fee: usd(9e15), Legs: []billing.Leg{coupon}}
			if !run.Admit(billing.Payable{Item: n, InstanceID: id, Fee: u.Fee}, billing.Split{Legs: u.Legs}) {
				break
			}
			d.Units = append(d.Units, u)
		}
		if n := len(d.Text()); n > billing.MaximumPaymentData || len(d.Units) == 0 || len(d.Units) > billing.UnitsACharge {
			t.Fatalf("%d units make %d characters", len(d.Units), n)
		}
	})
}

// A charge begins anew at each hundred of item numbers, wherever the card begins to pay.
func TestPlan_CountsCardChargesByRangesOfItems(t *testing.T) {
	for _, c := range []struct{ first, units, idLength, want int }{
		{1, 100, 36, 1}, {1, 101, 36, 2}, {51, 100, 36, 2}, {100, 2, 36, 2}, {101, 100, 36, 1}, {100, 102, 36, 3}, {1, 100, 128, 2},
	} {
		units := make([]billing.Payable, c.units)
		for n := range units {
			units[n] = billing.Payable{Item: c.first + n, InstanceID: strings.Repeat("x", c.idLength), Fee: usd(1)}
		}
		if p, _ := plan(t, units, billing.Funds{Balance: usd(0), Credit: usd(0), Card: "card"}); p.CardCharges != c.want {
			t.Errorf("%+v: %d charges", c, p.CardCharges)
		}
	}
}

// Whatever a gateway returns is refused or makes sense.
func FuzzReadPaymentData(f *testing.F) {
	f.Add(billing.PaymentData{Purpose: billing.ForTopUp}.Text())
	f.Fuzz(func(t *testing.T, text string) {
		d, err := billing.ReadPaymentData(text, "USD", "card")
		if err != nil {
			return
		}
		for _, u := range d.Units {
			if u.InstanceID == "" || u.Fee.Minor < 0 || !u.NewExpiry.After(u.OldExpiry) {
				t.Errorf("%q was read as %+v", text, u)
			}
		}
	})
}
