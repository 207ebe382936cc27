package paper

import (
	"errors"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"holdfast/kind"
	"holdfast/report"
)

// brandFile says how papers look, in the folder of own templates.
const brandFile = "brand.yaml"

// A branding is what brand.yaml may say. What it does not say stays ours.
type branding struct {
	Colour         string       `yaml:"colour"`
	Footer         string       `yaml:"footer"`
	Classification string       `yaml:"classification"`
	Paper          report.Paper `yaml:"paper"`
	Font           string       `yaml:"font"`
	Logo           string       `yaml:"logo"` // file beside it
}

// dress gives an organisation the look that its folder asks for. A mistake in it is
// told, because papers that go out wrong are noticed too late.
func (d Desk) dress(o *organisation) error {
	root, err := d.folder()
	if err != nil || root == nil {
		return err
	}
	defer root.Close() //nolint:errcheck // it was only read
	raw, err := readLimited(root, brandFile, maxTemplate)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var b branding
	if err := yaml.Unmarshal(raw, &b); err != nil {
		return kind.Errorf(kind.Invalid, "%s: cannot be read: %w", brandFile, err)
	}
	if b.Paper != "" && b.Paper != report.A4 && b.Paper != report.Letter {
		return kind.Errorf(kind.Invalid, "%s: paper is A4 or Letter, not %q", brandFile, b.Paper)
	}
	if b.Logo != "" {
		if o.brand.Logo, err = readLimited(root, b.Logo, report.MaxLogo); err != nil {
			return kind.Errorf(kind.Invalid, "%s: the logo: %w", brandFile, err)
		}
		if why := report.CheckLogo(o.brand.Logo); why != "" {
			return kind.Errorf(kind.Invalid, "%s: the logo %s cannot be used: %s", brandFile, b.Logo, why)
		}
	}
	o.brand.Paper, o.brand.Footer, o.brand.Font = b.Paper, b.Footer, b.Font
	if b.Colour != "" {
		o.brand.Colour = b.Colour
	}
	if b.Classification != "" {
		o.classification = b.Classification
	}
	return nil
}
