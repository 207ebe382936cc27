package library

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"holdfast/catalog"
)

// decode reads JSON whose other members do not matter.
func decode(f File, into any) error {
	err := json.Unmarshal(bytes.TrimPrefix(f.Data, []byte("\ufeff")), into)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	offset := int64(len(f.Data))
	place := ""
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &wrong):
		offset, place = wrong.Offset, wrong.Field+" "
	}
	line := 1 + bytes.Count(f.Data[:min(int(offset), len(f.Data))], []byte("\n"))
	return bad(f.Name, fmt.Sprintf("line %d", line), "%s%v", place, err)
}

// readASVS reads the nested JSON of the OWASP standard, and what has its form.
func readASVS(f File) (Library, error) {
	var in struct {
		Name, ShortName, Version, Description string
		Requirements                          []asvsItem
	}
	if err := decode(f, &in); err != nil {
		return Library{}, err
	}
	id := in.ShortName
	if id == "" {
		id = in.Name
	}
	b := newBuilder(f.Name, catalog.Framework{ID: id + "-" + in.Version, Title: in.Name, Abbreviation: oneLine(in.ShortName), Version: in.Version, About: in.Description})
	if err := addASVS(b, in.Requirements, "", "Requirements"); err != nil {
		return Library{}, err
	}
	return single(b)
}

type asvsItem struct {
	Shortcode, Name, Description string
	Level                        string `json:"L"`
	Items                        []asvsItem
}

func addASVS(b *builder, items []asvsItem, in, place string) error {
	for i, it := range items {
		here := fmt.Sprintf("%s[%d]", place, i)
		r := catalog.Requirement{ID: it.Shortcode, In: in, Title: it.Name, Asks: it.Description, Tier: it.Level, Chapter: len(it.Items) > 0}
		if err := b.add(here, r); err != nil {
			return err
		}
		if err := addASVS(b, it.Items, oneLine(it.Shortcode), here+".Items"); err != nil {
			return err
		}
	}
	return nil
}

func single(b *builder) (Library, error) {
	fw, err := b.framework()
	if err != nil {
		return Library{}, err
	}
	return Library{Title: fw.Title, Frameworks: []catalog.Framework{fw}}, nil
}

// readProbo reads a framework of Probo: numbers and names.
func readProbo(f File) (Library, error) {
	var in struct {
		ID, Name string
		Controls []struct{ ID, Name, Description string }
	}
	if err := decode(f, &in); err != nil {
		return Library{}, err
	}
	b := newBuilder(f.Name, catalog.Framework{ID: in.ID, Title: in.Name})
	for i, c := range in.Controls {
		if err := b.add(fmt.Sprintf("controls[%d]", i), catalog.Requirement{ID: c.ID, Title: c.Name, Asks: c.Description}); err != nil {
			return Library{}, err
		}
	}
	return single(b)
}

type cdxStandard struct {
	Ref          string           `json:"bom-ref"`
	Name         string           `json:"name"`
	Version      string           `json:"version"`
	Description  string           `json:"description"`
	Owner        string           `json:"owner"`
	Requirements []cdxRequirement `json:"requirements"`
	Levels       []struct {
		Identifier   string   `json:"identifier"`
		Requirements []string `json:"requirements"`
	} `json:"levels"`
}

type cdxRequirement struct {
	Ref          string   `json:"bom-ref"`
	Identifier   string   `json:"identifier"`
	Title        string   `json:"title"`
	Text         string   `json:"text"`
	Descriptions []string `json:"descriptions"`
	Parent       string   `json:"parent"`
}

// readCycloneDX reads the standards of a bill of materials, in the place of version
// 1.6 and in the one that some documents use.
func readCycloneDX(f File) (Library, error) {
	type holder struct {
		Standards []cdxStandard `json:"standards"`
	}
	var in struct {
		Definitions  holder `json:"definitions"`
		Declarations holder `json:"declarations"`
	}
	if err := decode(f, &in); err != nil {
		return Library{}, err
	}
	standards := append(in.Definitions.Standards, in.Declarations.Standards...)
	if len(standards) == 0 {
		return Library{}, bad(f.Name, "definitions.standards", "this bill of materials defines no standard; import it under assets instead")
	}
	var out Library
	for i, s := range standards {
		fw, err := s.framework(f.Name, fmt.Sprintf("standards[%d]", i))
		if err != nil {
			return Library{}, err
		}
		out.Title = fw.Title
		out.Frameworks = append(out.Frameworks, fw)
	}
	return out, nil
}

func (s *cdxStandard) framework(file, place string) (catalog.Framework, error) {
	id := s.Ref
	if id == "" {
		id = s.Name + "-" + s.Version
	}
	b := newBuilder(file, catalog.Framework{ID: id, Title: s.Name, Version: s.Version, Publisher: s.Owner, About: s.Description})
	level, parents, codes := map[string]string{}, map[string]bool{}, map[string]string{}
	for _, l := range s.Levels {
		for _, ref := range l.Requirements {
			if _, lower := level[ref]; !lower {
				level[ref] = l.Identifier
			}
		}
	}
	for _, r := range s.Requirements {
		parents[r.Parent] = true
		codes[r.Ref] = oneLine(r.Identifier)
	}
	for i, r := range s.Requirements {
		here := fmt.Sprintf("%s.requirements[%d]", place, i)
		asks := r.Text
		for _, d := range r.Descriptions {
			asks += "\n\n" + d
		}
		err := b.add(here, catalog.Requirement{
			ID: r.Identifier, In: codes[r.Parent], Title: r.Title, Asks: asks, Tier: level[r.Ref], Chapter: r.Ref != "" && parents[r.Ref],
		})
		if err != nil {
			return catalog.Framework{}, err
		}
	}
	return b.framework()
}
