package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"perennial/internal/renewal"
	"perennial/views"
)

// taskFile is the units of a task as CSV: the quotes before, the receipt after. It
// is written as it is read, so that no size needs memory.
func (s *server) taskFile(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	look, _ := renewal.ParseLook(c.query())
	file, err := s.App.TaskFile(c.ctx(), c.account().ID, id, look)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8; header=present")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+views.TaskNumber(file.Task.Number)+`.csv"`)
	c.Response().WriteHeader(http.StatusOK)
	return file.Write(c.ctx(), c.Response())
}
