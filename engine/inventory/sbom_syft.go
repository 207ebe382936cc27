package inventory

import (
	"cmp"
	"encoding/json"
	"fmt"

	"holdfast/engine"
)

// syftArtifact takes one package of Syft's own JSON.
func (j *jsonReader) syftArtifact(i int) error {
	var a struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		Version   string `json:"version"`
		PURL      string `json:"purl"`
		Locations []struct {
			Path string `json:"path"`
		} `json:"locations"`
		Metadata json.RawMessage `json:"metadata"`
	}
	where := fmt.Sprintf("artifact %d", i+1)
	if ok, err := j.decode(where, &a); !ok {
		return err
	}
	before := len(j.pkgs)
	if err := j.take(component{id: a.ID, name: a.Name, version: a.Version, purl: a.PURL, where: where}); err != nil {
		return err
	}
	if len(j.pkgs) == before {
		return nil
	}
	p := &j.pkgs[before]
	if len(a.Locations) > 0 {
		p.Path = a.Locations[0].Path
	}
	if source := syftSource(a.Metadata); p.Source == "" && source != p.Name {
		p.Source = source
	}
	return nil
}

// syftSource is the source package, which apk and dpkg packages have. The form of
// the metadata depends on the kind of package; another form has none.
func syftSource(metadata json.RawMessage) string {
	var m struct {
		Origin string `json:"originPackage"`
		Source string `json:"source"`
	}
	if json.Unmarshal(metadata, &m) != nil {
		return ""
	}
	return cmp.Or(m.Origin, m.Source)
}

// syftDistro reads the distribution of the image.
func (j *jsonReader) syftDistro() error {
	var d struct {
		ID        string `json:"id"`
		Name      string `json:"name"` // in older versions the id, later the full name
		VersionID string `json:"versionID"`
		Version   string `json:"version"`
		Codename  string `json:"versionCodename"`
	}
	if ok, err := j.decode("the distribution", &d); !ok {
		return err
	}
	j.os = engine.OS{ID: d.ID, VersionID: d.VersionID, Codename: d.Codename, PrettyName: d.Name}
	if d.ID == "" {
		j.os.ID, j.os.VersionID = d.Name, d.Version
	}
	return nil
}

// syftDescriptor recognises the format by the name of the tool.
func (j *jsonReader) syftDescriptor() error {
	return j.object(func(key string) error {
		if key != "name" {
			return j.skip()
		}
		return j.text(func(s string) {
			if s == "syft" {
				j.format = formatSyft
			}
		})
	})
}
