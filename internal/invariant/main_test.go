package invariant_test

import (
	"testing"

	"perennial/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
