package response_test

import (
	"testing"

	"holdfast/store"
	"holdfast/testkit/flowtest"
)

// A world has what the tests of this package ask again and again.
type world struct{ *flowtest.World }

func newWorld(t *testing.T, s *store.Store) *world { return &world{flowtest.New(t, s)} }
