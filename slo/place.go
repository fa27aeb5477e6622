package slo

// Finding returns a finding about a field of the definition in its native form,
// such as spec.sli. The other dialects have other fields, and several SLOs in one document,
// so there the SLO is named instead.
func (d *Definition) Finding(level Level, path, message, instead string) Finding {
	f := Finding{Source: d.Source, Level: level, Path: path, Message: message, Instead: instead}
	if d.Dialect != Native && d.Dialect != "" {
		f.Path, f.Message = "", d.ID+": "+message
	}
	return f
}
