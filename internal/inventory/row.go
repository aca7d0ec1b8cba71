package inventory

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"perennial/internal/renewal"
)

// column is one column of an instance file: how a value is written in its one
// canonical form, and how it is carried from one instance to another.
type column struct {
	name string
	text func(renewal.Instance) string
	copy func(to *renewal.Instance, from renewal.Instance)
}

// The order of these columns is the order of the canonical text, which is
// stored: a new column goes to the end.
const (
	resourceID = iota
	resourceName
	serviceCode
	serviceName
	typeCode
	typeName
	specCode
	regionCode
	regionName
	project
	orderID
	periodType
	quantity
	effectiveTime
	expireTime
	expirePolicy
	parentID
	resourcePackage
	hold
)

type inst = renewal.Instance

var instanceColumns = []column{
	resourceID:      {"resource_id", func(i inst) string { return i.ID }, func(to *inst, from inst) { to.ID = from.ID }},
	resourceName:    {"resource_name", func(i inst) string { return i.Name }, func(to *inst, from inst) { to.Name = from.Name }},
	serviceCode:     {"service_type_code", func(i inst) string { return i.ServiceCode }, func(to *inst, from inst) { to.ServiceCode = from.ServiceCode }},
	serviceName:     {"service_type_name", func(i inst) string { return i.ServiceName }, func(to *inst, from inst) { to.ServiceName = from.ServiceName }},
	typeCode:        {"resource_type_code", func(i inst) string { return i.TypeCode }, func(to *inst, from inst) { to.TypeCode = from.TypeCode }},
	typeName:        {"resource_type_name", func(i inst) string { return i.TypeName }, func(to *inst, from inst) { to.TypeName = from.TypeName }},
	specCode:        {"resource_spec_code", func(i inst) string { return i.SpecCode }, func(to *inst, from inst) { to.SpecCode = from.SpecCode }},
	regionCode:      {"region_code", func(i inst) string { return i.RegionCode }, func(to *inst, from inst) { to.RegionCode = from.RegionCode }},
	regionName:      {"region_name", func(i inst) string { return i.RegionName }, func(to *inst, from inst) { to.RegionName = from.RegionName }},
	project:         {"enterprise_project", func(i inst) string { return i.Project }, func(to *inst, from inst) { to.Project = from.Project }},
	orderID:         {"order_id", func(i inst) string { return i.OrderID }, func(to *inst, from inst) { to.OrderID = from.OrderID }},
	periodType:      {"period_type", func(i inst) string { return strconv.Itoa(int(i.Period)) }, func(to *inst, from inst) { to.Period = from.Period }},
	quantity:        {"quantity", func(i inst) string { return strconv.FormatInt(i.Quantity, 10) }, func(to *inst, from inst) { to.Quantity = from.Quantity }},
	effectiveTime:   {"effective_time", func(i inst) string { return stamp(i.EffectiveAt) }, func(to *inst, from inst) { to.EffectiveAt = from.EffectiveAt }},
	expireTime:      {"expire_time", func(i inst) string { return stamp(i.ExpiresAt) }, func(to *inst, from inst) { to.ExpiresAt = from.ExpiresAt }},
	expirePolicy:    {"expire_policy", func(i inst) string { return strconv.Itoa(int(i.Policy)) }, func(to *inst, from inst) { to.Policy, to.Mode = from.Policy, from.Mode }},
	parentID:        {"parent_resource_id", func(i inst) string { return i.ParentID }, func(to *inst, from inst) { to.ParentID = from.ParentID }},
	resourcePackage: {"resource_package", func(i inst) string { return strconv.FormatBool(i.Package) }, func(to *inst, from inst) { to.Package = from.Package }},
	hold:            {"hold", func(i inst) string { return string(i.Hold) }, func(to *inst, from inst) { to.Hold = from.Hold }},
}

var instanceNames = func() []string {
	names := make([]string, len(instanceColumns))
	for i, c := range instanceColumns {
		names[i] = c.name
	}
	return names
}()

// InstanceColumns are the columns of an instance file, in canonical order.
func InstanceColumns() []string { return slices.Clone(instanceNames) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }

// Row is one line of an instance file.
type Row struct {
	Line     int
	Instance renewal.Instance
	offset   int64
	length   int
}

// Columns is the row in the order of InstanceColumns, each value in its one
// canonical form.
func (r Row) Columns() []string { return Columns(r.Instance) }

// Source is the row as one line of text. It is kept with an instance, so that a
// later import can tell what the file has changed since.
func (r Row) Source() string { return Line(r.Columns()) }

// Columns writes an instance as the values of a row.
func Columns(i renewal.Instance) []string {
	values := make([]string, len(instanceColumns))
	for n, c := range instanceColumns {
		values[n] = c.text(i)
	}
	return values
}

// Line writes values as one line of CSV without its end.
func Line(values []string) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(v, "\",\r\n") {
			v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
		}
		b.WriteString(v)
	}
	return b.String()
}

// ParseSource reads the values of a kept source line.
func ParseSource(source string) ([]string, error) {
	if source == "" {
		return nil, nil
	}
	values, wrong := split(source, nil)
	if wrong != "" {
		return nil, fmt.Errorf("read imported row %q: %s", visible(source), wrong)
	}
	return values, nil
}

// Diff names the columns in which two rows differ. A column that the older row
// does not have counts as empty there.
func Diff(old, new []string) []string {
	var names []string
	for i, c := range instanceColumns {
		if at(old, i) != at(new, i) {
			names = append(names, c.name)
		}
	}
	return names
}

func at(values []string, i int) string {
	if i < len(values) {
		return values[i]
	}
	return ""
}

// InstanceReader reads the rows of an instance file as they come.
type InstanceReader struct{ table *table }

// NewInstanceReader returns a reader of the file's rows. It reads nothing yet.
func NewInstanceReader(r io.Reader) *InstanceReader {
	return &InstanceReader{newTable(r, instanceNames)}
}

// Next returns the next row and what is wrong with it, or io.EOF. A refused row
// holds what could be read of it. Where the header is refused, it is the first
// and last answer, with a row on line 1.
func (r *InstanceReader) Next() (Row, []Refusal, error) {
	rec, refusals, err := r.table.next()
	if err != nil {
		return Row{}, nil, err
	}
	row, more := readInstance(rec, len(refusals) > 0)
	return row, append(refusals, more...), nil
}

// readInstance makes a row of a record. Of a broken record only the ID is
// taken: it tells that a parent which was refused does exist.
func readInstance(rec record, broken bool) (Row, []Refusal) {
	c := &cells{line: rec.number, columns: instanceNames, values: rec.cells}
	row := Row{Line: rec.number, offset: rec.offset, length: len(rec.text)}
	i := &row.Instance
	if i.ID = c.id(resourceID, true); broken {
		if len(c.refusals) > 0 {
			i.ID = ""
		}
		return row, nil
	}
	i.Name = c.text(resourceName)
	i.ServiceCode = c.code(serviceCode)
	i.ServiceName = c.named(serviceName, i.ServiceCode)
	i.TypeCode = c.code(typeCode)
	i.TypeName = c.named(typeName, i.TypeCode)
	i.SpecCode = c.code(specCode)
	i.RegionCode = c.code(regionCode)
	i.RegionName = c.named(regionName, i.RegionCode)
	i.Project = c.text(project)
	i.OrderID = c.id(orderID, false)
	i.Period = c.period(periodType)
	i.Quantity = c.number(quantity, 1, MaximumQuantity, "A quantity is a whole number from 1 to 1,000,000.")
	i.EffectiveAt = c.instant(effectiveTime)
	i.ExpiresAt = c.instant(expireTime)
	i.Policy, i.Mode = c.policy(expirePolicy)
	i.ParentID = c.id(parentID, false)
	i.Package = c.flag(resourcePackage)
	i.Hold = c.hold(hold)
	if !i.EffectiveAt.IsZero() && !i.ExpiresAt.IsZero() && i.ExpiresAt.Before(i.EffectiveAt) {
		c.refuse(expireTime, "The expiry lies before the effective time, %s.", stamp(i.EffectiveAt))
	}
	if i.ParentID != "" && i.ParentID == i.ID {
		c.refuse(parentID, "An instance cannot be its own primary instance.")
	}
	return row, c.refusals
}
