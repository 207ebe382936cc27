//go:build unix

package intake

import (
	"io/fs"
	"syscall"
)

// idOf is what a file is known by, whatever its name.
func idOf(info fs.FileInfo) fileID {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return fileID{uint64(st.Dev), st.Ino} //nolint:unconvert // 32 bits wide on some systems
	}
	return fileID{}
}
