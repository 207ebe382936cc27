package inventory

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// These read rpm's two older database formats. The libraries that exist do so in
// a goroutine of their own and trust the file: a broken one ends the process or
// never ends. Ours take every number of the file as hostile.

// rpmNDB reads the format that SUSE uses: a header, pages of 16-byte slots, and
// blobs of 16-byte blocks.
func rpmNDB(ctx context.Context, fsys fs.FS, name string, header func([]byte)) error {
	f, size, err := openAt(fsys, name, maxRPMDatabase)
	if err != nil {
		return err
	}
	defer f.Close()
	const (
		slotSize, pageSize = 16, 4096
		dbMagic, slotMagic = "RpmP", "Slot"
		blobMagic          = "BlbS"
		maxPages           = 2048
	)
	var head [32]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || string(head[:4]) != dbMagic {
		return errors.New("it is not an rpm database in the ndb format")
	}
	pages := int64(binary.LittleEndian.Uint32(head[12:]))
	if pages == 0 || pages > maxPages {
		return fmt.Errorf("it claims %d slot pages, which cannot be", pages)
	}
	slots := make([]byte, pages*pageSize)
	if _, err := f.ReadAt(slots, 0); err != nil {
		return errors.New("its slot pages are cut off")
	}
	left := size // packages that overlap would be more than the file holds
	for at := len(head); at < len(slots); at += slotSize {
		slot := slots[at : at+slotSize]
		if string(slot[:4]) != slotMagic {
			return fmt.Errorf("slot at byte %d is broken", at)
		}
		id := binary.LittleEndian.Uint32(slot[4:])
		if id == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		offset := int64(binary.LittleEndian.Uint32(slot[8:])) * slotSize
		var bh [16]byte
		if _, err := f.ReadAt(bh[:], offset); err != nil || string(bh[:4]) != blobMagic || binary.LittleEndian.Uint32(bh[4:]) != id {
			return fmt.Errorf("package %d is not at byte %d, where it should be", id, offset)
		}
		length := int64(binary.LittleEndian.Uint32(bh[12:]))
		if left -= length; length > maxRPMHeader || offset+16+length > size || left < 0 {
			return fmt.Errorf("package %d claims %d bytes, which cannot be", id, length)
		}
		blob := make([]byte, length)
		if _, err := f.ReadAt(blob, offset+16); err != nil {
			return fmt.Errorf("package %d is cut off", id)
		}
		header(blob)
	}
	return nil
}

// The page and item types of a Berkeley DB hash file.
const (
	bdbHashMeta, bdbHash, bdbHashUnsorted, bdbOverflow = 8, 13, 2, 7
	bdbItemInPage, bdbItemOffPage                      = 1, 3
	bdbPageHeader                                      = 26
	bdbHashMagic                                       = 0x061561
)

// berkeley is a Berkeley DB hash file.
type berkeley struct {
	f        io.ReaderAt
	order    binary.ByteOrder
	pageSize int64
	pages    int64 // by what the file says
	size     int64
	left     int64 // bytes of values that the file can still hold
}

// rpmBerkeley reads the oldest format, a Berkeley DB hash file. Keys and values
// alternate in its pages; large values lie on chains of overflow pages.
func rpmBerkeley(ctx context.Context, fsys fs.FS, name string, header func([]byte)) error {
	f, size, err := openAt(fsys, name, maxRPMDatabase)
	if err != nil {
		return err
	}
	defer f.Close()
	db, err := openBerkeley(f, size)
	if err != nil {
		return err
	}
	for n := range db.pages {
		if err := ctx.Err(); err != nil {
			return err
		}
		page, err := db.page(n)
		if err != nil {
			return err
		}
		if page[25] != bdbHash && page[25] != bdbHashUnsorted {
			continue
		}
		if err := db.values(n, page, header); err != nil {
			return err
		}
	}
	return nil
}

func openBerkeley(f io.ReaderAt, size int64) (*berkeley, error) {
	var meta [512]byte
	if _, err := f.ReadAt(meta[:], 0); err != nil {
		return nil, errors.New("it is too short for an rpm database")
	}
	db := &berkeley{f: f, order: binary.LittleEndian, size: size, left: size}
	if db.order.Uint32(meta[12:]) != bdbHashMagic {
		db.order = binary.BigEndian
	}
	if db.order.Uint32(meta[12:]) != bdbHashMagic || meta[25] != bdbHashMeta {
		return nil, errors.New("it is not an rpm database in the Berkeley DB hash format")
	}
	if meta[24] != 0 {
		return nil, errors.New("it is encrypted")
	}
	db.pageSize = int64(db.order.Uint32(meta[20:]))
	if db.pageSize < 512 || db.pageSize > 64<<10 || db.pageSize&(db.pageSize-1) != 0 {
		return nil, fmt.Errorf("it has the impossible page size %d", db.pageSize)
	}
	db.pages = int64(db.order.Uint32(meta[32:])) + 1
	return db, nil
}

func (db *berkeley) page(n int64) ([]byte, error) {
	if n >= db.size/db.pageSize {
		return nil, fmt.Errorf("page %d lies outside of the file, which may be cut off", n)
	}
	page := make([]byte, db.pageSize)
	if _, err := db.f.ReadAt(page, n*db.pageSize); err != nil {
		return nil, fmt.Errorf("page %d: %w", n, err)
	}
	return page, nil
}

// values passes on the package records of a hash page. The record of number 0
// holds a counter and is left out by its size.
func (db *berkeley) values(n int64, page []byte, header func([]byte)) error {
	broken := fmt.Errorf("page %d has a broken index", n)
	entries := int(db.order.Uint16(page[20:]))
	if entries%2 != 0 || bdbPageHeader+2*entries > len(page) {
		return broken
	}
	for i := 1; i < entries; i += 2 {
		at := int(db.order.Uint16(page[bdbPageHeader+2*i:]))
		before := int(db.order.Uint16(page[bdbPageHeader+2*(i-1):])) // items grow downwards
		if at >= before || before > len(page) {
			return broken
		}
		item := page[at:before]
		switch {
		case item[0] == bdbItemInPage && len(item) > 16:
			header(item[1:])
		case item[0] == bdbItemOffPage && len(item) < 12:
			return broken
		case item[0] == bdbItemOffPage:
			v, err := db.chain(int64(db.order.Uint32(item[4:])), int64(db.order.Uint32(item[8:])))
			if err != nil {
				return err
			}
			header(v)
		}
	}
	return nil
}

// chain collects a value of the given length from its overflow pages. Every page
// adds something, so that a ring of pages ends at the length.
func (db *berkeley) chain(n, length int64) ([]byte, error) {
	if db.left -= length; length > maxRPMHeader || db.left < 0 {
		return nil, fmt.Errorf("a record claims %d bytes, which cannot be", length)
	}
	var out bytes.Buffer
	for int64(out.Len()) < length {
		page, err := db.page(n)
		if err != nil {
			return nil, err
		}
		used := int(db.order.Uint16(page[22:]))
		if page[25] != bdbOverflow || used == 0 || bdbPageHeader+used > len(page) {
			return nil, fmt.Errorf("page %d is not the continuation that it should be", n)
		}
		out.Write(page[bdbPageHeader : bdbPageHeader+used])
		n = int64(db.order.Uint32(page[16:]))
	}
	return out.Bytes()[:length], nil
}
