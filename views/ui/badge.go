package ui

type badgeFace struct {
	kind  Kind
	icon  IconName
	label string
}

// The words of product.md for what an instance is at an instant.
var statusFaces = map[string]badgeFace{
	"provisioned": {OK, IconCheckCircle, "Provisioned"},
	"expiring":    {Warn, IconClock, "Expiring"},
	"expired":     {Bad, IconCrossCircle, "Expired"},
	"frozen":      {Hold, IconSnowflake, "Frozen"},
	"released":    {Plain, IconBan, "Released"},
}

var taskFaces = map[string]badgeFace{
	"generating": {Info, IconHourglass, "Preparing"},
	"ready":      {Warn, IconClock, "Ready to confirm"},
	"running":    {Info, IconRunning, "Renewing"},
	"suspended":  {Bad, IconPaused, "Paused"},
	"cancelling": {Plain, IconHourglass, "Stopping"},
	"completed":  {OK, IconCheckCircle, "Completed"},
	"cancelled":  {Plain, IconBan, "Cancelled"},
	"expired":    {Plain, IconClock, "Expired"},
	"failed":     {Bad, IconCrossCircle, "Failed"},
}

var orderFaces = map[string]badgeFace{
	"pending_payment": {Warn, IconClock, "Pending payment"},
	"processing":      {Info, IconHourglass, "Processing"},
	"completed":       {OK, IconCheckCircle, "Completed"},
	"cancelled":       {Plain, IconBan, "Cancelled"},
}

func faceOf(faces map[string]badgeFace, code string) badgeFace {
	if f, ok := faces[code]; ok {
		return f
	}
	return badgeFace{Plain, IconInfo, code}
}
