package inventory

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The tags of an rpm header that we read, and the types they have.
const (
	tagName, tagVersion, tagRelease, tagEpoch = 1000, 1001, 1002, 1003
	tagLicense, tagArch, tagSourceRPM         = 1014, 1022, 1044
	tagDirIndexes, tagBaseNames, tagDirNames  = 1116, 1117, 1118
	tagModularity                             = 5096

	typeInt32, typeString, typeStringArray, typeI18NString = 4, 6, 8, 9
)

// rpmHeader is what we keep of a package record.
type rpmHeader struct {
	name, version, release, license, arch, source, module string
	epoch                                                 int
	dirIndexes                                            []byte // big-endian int32
	baseNames, dirNames                                   [][]byte
}

var errShortHeader = errors.New("the record is cut off")

// parseRPMHeader reads a header as rpm stores it in its database: two counts,
// an index of 16-byte entries (tag, type, offset, count), and the data, all
// big-endian. A later entry of a tag replaces an earlier one, as in rpm.
func parseRPMHeader(blob []byte) (rpmHeader, error) {
	var h rpmHeader
	if len(blob) < 8 {
		return h, errShortHeader
	}
	entries := int64(binary.BigEndian.Uint32(blob))
	size := int64(binary.BigEndian.Uint32(blob[4:]))
	if 8+16*entries+size > int64(len(blob)) {
		return h, errShortHeader
	}
	index := blob[8 : 8+16*entries]
	data := blob[8+16*entries:][:size]
	for ; len(index) > 0; index = index[16:] {
		e := rpmEntry{
			tag: binary.BigEndian.Uint32(index), kind: binary.BigEndian.Uint32(index[4:]),
			offset: binary.BigEndian.Uint32(index[8:]), count: binary.BigEndian.Uint32(index[12:]),
		}
		if err := h.take(e, data); err != nil {
			return h, err
		}
	}
	if h.name == "" || h.version == "" {
		return h, errors.New("it has no name or no version")
	}
	return h, nil
}

type rpmEntry struct{ tag, kind, offset, count uint32 }

// take stores the value of one entry of the index.
func (h *rpmHeader) take(e rpmEntry, data []byte) error {
	text, lists := h.text(e.tag), h.lists(e.tag)
	if text == nil && lists == nil && e.tag != tagEpoch && e.tag != tagDirIndexes {
		return nil
	}
	if int64(e.offset) > int64(len(data)) {
		return fmt.Errorf("tag %d lies outside of the record", e.tag)
	}
	data = data[e.offset:]
	switch {
	case text != nil && (e.kind == typeString || e.kind == typeI18NString):
		s, _, ok := bytes.Cut(data, []byte{0})
		if !ok {
			return errShortHeader
		}
		if *text = string(s); *text == "(none)" {
			*text = ""
		}
	case lists != nil && e.kind == typeStringArray:
		var err error
		*lists, err = stringArray(data, e.count)
		return err
	case e.kind == typeInt32:
		if int64(e.count)*4 > int64(len(data)) {
			return errShortHeader
		}
		if e.tag == tagDirIndexes {
			h.dirIndexes = data[:e.count*4]
		} else if e.tag == tagEpoch && e.count > 0 {
			h.epoch = int(int32(binary.BigEndian.Uint32(data)))
		}
	default:
		return fmt.Errorf("tag %d has the unexpected type %d", e.tag, e.kind)
	}
	return nil
}

// text is where a tag that holds a text goes; nil for other tags.
func (h *rpmHeader) text(tag uint32) *string {
	switch tag {
	case tagName:
		return &h.name
	case tagVersion:
		return &h.version
	case tagRelease:
		return &h.release
	case tagLicense:
		return &h.license
	case tagArch:
		return &h.arch
	case tagSourceRPM:
		return &h.source
	case tagModularity:
		return &h.module
	}
	return nil
}

// lists is where a tag that holds a list of texts goes; nil for other tags.
func (h *rpmHeader) lists(tag uint32) *[][]byte {
	switch tag {
	case tagBaseNames:
		return &h.baseNames
	case tagDirNames:
		return &h.dirNames
	}
	return nil
}

func stringArray(data []byte, count uint32) ([][]byte, error) {
	if int64(count) > int64(len(data)) {
		return nil, errShortHeader
	}
	out := make([][]byte, 0, count)
	for range count {
		s, rest, ok := bytes.Cut(data, []byte{0})
		if !ok {
			return nil, errShortHeader
		}
		out, data = append(out, s), rest
	}
	return out, nil
}

// files calls own for each file of the package.
func (h *rpmHeader) files(own func(string)) {
	for i, base := range h.baseNames {
		if len(h.dirIndexes) < 4*(i+1) {
			return
		}
		d := binary.BigEndian.Uint32(h.dirIndexes[4*i:])
		if uint64(d) >= uint64(len(h.dirNames)) {
			continue
		}
		own(string(h.dirNames[d]) + string(base))
	}
}
