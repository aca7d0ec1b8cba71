package inventory_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/inventory"
	"perennial/internal/renewal"
)

// line is an instance row that nothing is wrong with, but for the given columns.
func line(changes ...string) string {
	values := map[string]string{
		"resource_id": "ecs-1", "resource_name": "prod-api-1", "service_type_code": "svc.ec2", "service_type_name": "Server",
		"resource_type_code": "type.vm", "resource_type_name": "Cloud server", "resource_spec_code": "s7.large", "region_code": "r-1",
		"region_name": "Region 1", "enterprise_project": "", "order_id": "CS1", "period_type": "2", "quantity": "1",
		"effective_time": "2026-01-31T15:59:59Z", "expire_time": "2027-01-31T15:59:59Z", "expire_policy": "0",
		"parent_resource_id": "", "resource_package": "false", "hold": "",
	}
	for i := 0; i < len(changes); i += 2 {
		values[changes[i]] = changes[i+1]
	}
	var row []string
	for _, c := range inventory.InstanceColumns() {
		row = append(row, values[c])
	}
	return inventory.Line(row)
}

var header = strings.Join(inventory.InstanceColumns(), ",")

func file(lines ...string) string { return header + "\n" + strings.Join(lines, "\n") + "\n" }

// readAll reads a whole instance file.
func readAll(t testing.TB, text string) ([]inventory.Row, []inventory.Refusal) {
	t.Helper()
	return readFrom(t, strings.NewReader(text))
}

func readFrom(t testing.TB, in io.Reader) (rows []inventory.Row, refused []inventory.Refusal) {
	t.Helper()
	r := inventory.NewInstanceReader(in)
	for {
		row, refusals, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, refused
		}
		if err != nil {
			t.Fatal(err)
		}
		refused = append(refused, refusals...)
		if len(refusals) == 0 {
			rows = append(rows, row)
		}
	}
}

func TestAGoodFileIsReadInEveryDress(t *testing.T) {
	plain := file(line(), line("resource_id", "ecs-2", "resource_name", "two, or \"more\""))
	want, refused := readAll(t, plain)
	if len(want) != 2 || len(refused) != 0 {
		t.Fatalf("%d rows, refused %v", len(want), refused)
	}
	columns := inventory.InstanceColumns()
	slices.Reverse(columns)
	var turned []string
	for _, r := range want {
		values := r.Columns()
		slices.Reverse(values)
		turned = append(turned, inventory.Line(values))
	}
	for name, text := range map[string]string{
		"BOM":                     "\uFEFF" + plain,
		"CRLF":                    strings.ReplaceAll(plain, "\n", "\r\n"),
		"BOM and CRLF":            "\uFEFF" + strings.ReplaceAll(plain, "\n", "\r\n"),
		"no last line end":        strings.TrimSuffix(plain, "\n"),
		"empty lines":             strings.Replace(plain, "\n", "\n\r\n\n", 1),
		"another order":           strings.Join(columns, ",") + "\n" + strings.Join(turned, "\n"),
		"quoted where needed not": strings.Replace(plain, "prod-api-1", `"prod-api-1"`, 1),
	} {
		got, refused := readAll(t, text)
		if len(refused) != 0 || len(got) != 2 {
			t.Errorf("%s: %d rows, refused %v", name, len(got), refused)
			continue
		}
		for i := range got {
			if got[i].Instance != want[i].Instance {
				t.Errorf("%s: row %d is %+v, want %+v", name, i, got[i].Instance, want[i].Instance)
			}
		}
	}
	if got := want[1].Instance.Name; got != `two, or "more"` {
		t.Errorf("the quoted name is %q", got)
	}
}

func TestValuesAreTakenInTheirOneForm(t *testing.T) {
	rows, refused := readAll(t, file(line("effective_time", "2026-01-31T23:59:59.9876+08:00", "expire_policy", "5",
		"resource_package", "TRUE", "service_type_name", "", "hold", "locked", "quantity", "1000000")))
	if len(refused) != 0 {
		t.Fatal(refused)
	}
	i := rows[0].Instance
	if want := time.Date(2026, 1, 31, 15, 59, 59, 987_000_000, time.UTC); !i.EffectiveAt.Equal(want) || i.EffectiveAt.Location() != time.UTC {
		t.Errorf("effective %s, want %s", i.EffectiveAt, want)
	}
	if i.Policy != 5 || i.Mode != renewal.Cancelled || !i.Package || i.ServiceName != "svc.ec2" || i.Hold != renewal.Locked || i.Quantity != 1_000_000 {
		t.Errorf("read as %+v", i)
	}
	if got := rows[0].Columns()[13]; got != "2026-01-31T15:59:59.987Z" {
		t.Errorf("written as %s", got)
	}
}

func TestWhatAValueCannotBe(t *testing.T) {
	long := strings.Repeat("é", 129)
	for _, c := range []struct{ column, value, reason string }{
		{"resource_id", "", "An ID is needed and is empty."},
		{"resource_id", strings.Repeat("x", 129), "An ID has at most 128 characters, and this has 129."},
		{"resource_id", "a b", "An ID holds no blanks"},
		{"resource_id", "a,b", "An ID holds no blanks"},
		{"resource_id", "a;b", "An ID holds no blanks"},
		{"resource_id", "a\u200Bb", "An ID holds no blanks"},
		{"resource_id", "a\x00", "An ID holds no blanks"},
		{"resource_name", long, "It has 129 characters, and at most 128 are kept."},
		{"resource_name", "a\tb", "It holds a character that cannot be printed."},
		{"resource_name", "a\u2028b", "It holds a character that cannot be printed."},
		{"resource_name", "a\xffb", "These bytes are not UTF-8."},
		{"service_type_code", "", "This value is needed and is empty."},
		{"resource_type_code", "", "This value is needed and is empty."},
		{"resource_spec_code", "", "This value is needed and is empty."},
		{"region_code", "", "This value is needed and is empty."},
		{"region_name", long, "It has 129 characters"},
		{"enterprise_project", long, "It has 129 characters"},
		{"order_id", "a b", "An ID holds no blanks"},
		{"period_type", "4", "A period type is 2"},
		{"period_type", "", "A period type is 2"},
		{"quantity", "0", "A quantity is a whole number"},
		{"quantity", "+1", "A quantity is a whole number"},
		{"quantity", "1.5", "A quantity is a whole number"},
		{"quantity", "1000001", "A quantity is a whole number"},
		{"quantity", "99999999999999999999", "A quantity is a whole number"},
		{"effective_time", "2026-01-31", "A time is written as in"},
		{"effective_time", "2026-01-31 15:59:59Z", "A time is written as in"},
		{"effective_time", "2026-01-31T15:59:59", "A time is written as in"},
		{"effective_time", "2026-01-31T15:59:59,5Z", "A time is written as in"},
		{"effective_time", "2026-01-31T5:59:59Z", "A time is written as in"},
		{"effective_time", "2026-02-30T15:59:59Z", "A time is written as in"},
		{"effective_time", "1999-12-31T23:59:59Z", "A time lies in the years"},
		{"expire_time", "2101-01-01T00:00:00Z", "A time lies in the years"},
		{"expire_time", "2026-01-31T15:59:58Z", "The expiry lies before the effective time"},
		{"expire_policy", "6", "An expire policy is 0 or 4"},
		{"expire_policy", "12", "An expire policy is 0 or 4"},
		{"expire_policy", "manual", "An expire policy is 0 or 4"},
		{"parent_resource_id", "a b", "An ID holds no blanks"},
		{"parent_resource_id", "ecs-1", "An instance cannot be its own primary instance."},
		{"resource_package", "yes", "It is either true or false."},
		{"resource_package", "", "It is either true or false."},
		{"hold", "no_price", "A hold is empty or one of order_pending"},
	} {
		rows, refused := readAll(t, file(line(c.column, c.value), line("resource_id", "ecs-2")))
		if len(refused) != 1 || len(rows) != 1 {
			t.Errorf("%s %q: %d rows, refused %v", c.column, c.value, len(rows), refused)
			continue
		}
		got := refused[0]
		if got.Line != 2 || got.Column != c.column || !strings.HasPrefix(got.Reason, c.reason) {
			t.Errorf("%s %q: %s", c.column, c.value, got)
		}
	}
}

func TestABadLineIsRefusedAlone(t *testing.T) {
	for name, c := range map[string]struct{ line, reason string }{
		"open quote":       {`"ecs-1,prod`, "A quotation mark is opened and not closed"},
		"quote inside":     {`ecs"1,prod`, "A quotation mark stands inside a field"},
		"after the quote":  {`"ecs-1"x,prod`, "Something stands between a closing quotation mark"},
		"too few":          {"ecs-1,prod", "This line has 2 fields, and the header has 19."},
		"too many":         {line() + ",more", "This line has 20 fields, and the header has 19."},
		"too long":         {strings.Repeat("x", 300<<10), "This line is longer than 64 KiB."},
		"just too long":    {strings.Repeat("x", inventory.MaximumLine+1), "This line is longer than 64 KiB."},
		"bytes beyond":     {line() + ",\xff", "This line holds bytes that are not UTF-8."},
		"bytes in a quote": {"\"\xff", "This line holds bytes that are not UTF-8."},
	} {
		rows, refused := readAll(t, file(line("resource_id", "a"), c.line, line("resource_id", "b")))
		if len(rows) != 2 || len(refused) != 1 {
			t.Errorf("%s: %d rows, refused %d", name, len(rows), len(refused))
			continue
		}
		if got := refused[0]; got.Line != 3 || got.Column != "" || !strings.HasPrefix(got.Reason, c.reason) {
			t.Errorf("%s: %s", name, got)
		}
		if n := len([]rune(refused[0].Value)); n > 70 {
			t.Errorf("%s: the value is shown with %d characters", name, n)
		}
	}
}

func TestABadHeaderEndsTheFile(t *testing.T) {
	for name, c := range map[string]struct{ header, column, reason string }{
		"missing":    {strings.Replace(header, ",quantity", "", 1), "quantity", "This column is missing."},
		"unknown":    {header + ",colour", "colour", "There is no column of this name."},
		"twice":      {header + ",hold", "hold", "This column stands twice in the header, as field 19 and field 20."},
		"semicolons": {strings.ReplaceAll(header, ",", ";"), "", "The columns are not separated by commas."},
		"UTF-16":     {"\xFF\xFEr\x00e\x00", "", "The file is UTF-16."},
		"workbook":   {"PK\x03\x04\x14", "", "The file is a workbook"},
		"not UTF-8":  {header + ",\xff", "", "This line holds bytes that are not UTF-8."},
		"bad quotes": {`"` + header, "", "A quotation mark is opened"},
		"endless":    {strings.Repeat("x,", 40<<10), "", "This line is longer than 64 KiB."},
	} {
		rows, refused := readAll(t, c.header+"\n"+line()+"\n")
		if len(rows) != 0 || len(refused) != 1 {
			t.Errorf("%s: %d rows, refused %v", name, len(rows), refused)
			continue
		}
		if got := refused[0]; got.Line != 1 || got.Column != c.column || !strings.HasPrefix(got.Reason, c.reason) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if _, refused := readAll(t, ""); len(refused) != 1 || refused[0].Line != 1 || !strings.HasPrefix(refused[0].Reason, "The file is empty.") {
		t.Errorf("an empty file: %v", refused)
	}
	if _, refused := readAll(t, strings.Repeat("x,", 1000)); len(refused) != 100 {
		t.Errorf("a hopeless header has %d refusals", len(refused))
	}
}

func TestARefusedValueIsMadeVisible(t *testing.T) {
	_, refused := readAll(t, file(line("resource_name", "a\x00\t\u202E\u2028b"), line("resource_name", "\xef\xfe")))
	if got := refused[0].Value; got != `a\u0000\t\u202E\u2028b` {
		t.Errorf("shown as %s", got)
	}
	if got := refused[1].Value; got != `\xEF\xFE` {
		t.Errorf("shown as %s", got)
	}
	if got := refused[1].String(); got != `line 3, resource_name “\xEF\xFE”: These bytes are not UTF-8.` {
		t.Errorf("said as %s", got)
	}
}

func TestAFailingFileIsAnError(t *testing.T) {
	broken := errors.New("disk gone")
	in := io.MultiReader(strings.NewReader(file(line())), failing{broken})
	r := inventory.NewInstanceReader(in)
	if _, _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Next(); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
