package engine

import (
	"fmt"
	"io"
)

// ReadAllLimited reads at most limit bytes and fails with ErrTooLarge when there
// are more. name is only for the error message.
func ReadAllLimited(r io.Reader, name string, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: %w of %d MB", name, ErrTooLarge, limit>>20)
	}
	return b, nil
}
