//go:build !unix

package eventstore

import "os"

// lockFile opens the file. Where there is no flock, a file that another process has
// open cannot be renamed or removed, which is what the lock guards against.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}
