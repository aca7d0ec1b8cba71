package views_test

import (
	"net/url"
	"testing"

	"perennial/views"
)

func TestPaths(t *testing.T) {
	q := url.Values{"tab": {"manual"}, "status": {"expired", "frozen"}}
	for got, want := range map[string]string{
		views.HomePath():                   "/renewals",
		views.SignInPath(""):               "/sign-in",
		views.SignInPath("/tasks?a=1&b=2"): "/sign-in?next=%2Ftasks%3Fa%3D1%26b%3D2",
		views.RenewalsPath(nil):            "/renewals",
		views.RenewalsPath(q):              "/renewals?status=expired&status=frozen&tab=manual",
		views.OneClickNewPath(q):           "/renewals/one-click/new?status=expired&status=frozen&tab=manual",
		views.TaskPath("a/b?c"):            "/tasks/a%2Fb%3Fc",
		views.TaskItemsPath("t", url.Values{"list": {"blocked"}}): "/tasks/t/items?list=blocked",
		views.TaskConfirmPath("t"):                                "/tasks/t/confirm",
		views.TaskContinuePath("t"):                               "/tasks/t/continue",
		views.TaskCancelPath("t"):                                 "/tasks/t/cancel",
		views.ChipPath("", ""):                                    "/chip",
		views.ChipPath("t 1", "ready"):                            "/chip?state=ready&task=t+1",
		views.OutboxRetryPath("m"):                                "/admin/outbox/m/retry",
		views.TopUpPath(nil):                                      "/wallet/top-up",
		views.GalleryPath("shell"):                                "/dev/gallery/shell",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
