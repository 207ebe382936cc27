//go:build linux || darwin

package cli

import "syscall"

// freeSpace is the room on the disk of a directory, in bytes.
func freeSpace(dir string) (uint64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
