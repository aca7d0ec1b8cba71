package main_test

import (
	"strings"
	"testing"
)

const prices = "service_type_code,resource_spec_code,region_code,period_type,list_price,currency\nhws.service.type.ec2,s6.small.1,cn-north-4,2,10.00,USD\n"

func TestMoneyAtTheCommandLine(t *testing.T) {
	p := newPlace(t)
	p.must("", "account", "create", "--name=Acme Group", "--email=billing@acme.example", "--zone=Asia/Shanghai", "--id=acme")
	p.must(prices, "import", "prices", "-", "--apply")
	says := func(want string, args ...string) {
		t.Helper()
		if out := p.must("", args...); !strings.Contains(out, want) {
			t.Errorf("%v says %q, want %q", args, out, want)
		}
	}
	says("Granted coupon SPRING of $500.00 to Acme Group, good until 2199-06-30", "coupon", "grant", "--id=SPRING", "--name=Spring", "--amount=500.00", "--until=2199-06-30",
		"--service=hws.service.type.ec2", "--minimum=20", "--single-use", "--excludes=promotional", "--excludes=partner")
	says("SPRING  Spring  500.00  500.00", "coupon", "list")
	says("both  hws.service.type.ec2  20.00    once  partner,promotional  good", "coupon", "list")
	says("Froze coupon SPRING", "coupon", "freeze", "SPRING")
	says("frozen", "coupon", "list")
	says("may pay again", "coupon", "freeze", "SPRING", "--free")
	says("Granted discount AUTUMN of 12.50%", "discount", "grant", "--id=AUTUMN", "--name=Autumn", "--kind=promotional", "--rate=12.5")
	says("AUTUMN  promotional  Autumn  12.50%", "discount", "list")
	says("Ended discount AUTUMN", "discount", "end", "AUTUMN")
	says("is $50.00 now, of which $0.00 is owed", "credit", "--limit=50")
	says("is $60.00 now", "credit", "set", "--limit=60")
	says("keeps all of", "doctor")

	for _, test := range []struct {
		says string
		args []string
	}{
		{"more than 2 decimals", []string{"coupon", "grant", "--name=x", "--amount=5.001", "--until=2199-06-30"}},
		{"more than nothing", []string{"coupon", "grant", "--name=x", "--amount=-5", "--until=2199-06-30"}},
		{"This wallet is in USD", []string{"coupon", "grant", "--name=x", "--amount=5 EUR", "--until=2199-06-30"}},
		{"already a coupon SPRING", []string{"coupon", "grant", "--id=SPRING", "--name=x", "--amount=5", "--until=2199-06-30"}},
		{"no service", []string{"coupon", "grant", "--name=x", "--amount=5", "--until=2199-06-30", "--service=ecs"}},
		{"no such coupon", []string{"coupon", "freeze", "WINTER"}},
		{"ended before now", []string{"discount", "end", "AUTUMN"}},
		{"more than 0", []string{"discount", "grant", "--name=x", "--kind=partner", "--rate=0"}},
		{"Type the amount as a number", []string{"credit", "--limit=1e6"}},
		{"Nothing is owed", []string{"credit", "repay", "--amount=5", "--from-balance"}},
		{"--amount", []string{"credit", "repay", "--amount=5.001", "--value-date=2026-11-22", "--reference=x"}},
		{"Nothing is owed", []string{"credit", "repay", "--amount=5", "--value-date=2026-11-22", "--reference=x"}},
		{"bank reference", []string{"credit", "repay", "--amount=5", "--value-date=2026-11-22"}},
		{"no such payment", []string{"refund", "pay-1"}},
	} {
		p.mistake("", 1, test.says, test.args...)
	}
	p.mistake("", 2, "missing", "credit", "repay", "--amount=5")
	p.mistake("", 2, "can't be used together", "credit", "repay", "--amount=5", "--from-balance", "--value-date=2026-11-22")
}
