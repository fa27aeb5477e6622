package openslo

// alphaSLO is the spec of an SLO of openslo/v1alpha as it is written.
type alphaSLO struct {
	Description     string           `yaml:"description"`
	Service         string           `yaml:"service"`
	Indicator       *alphaIndicator  `yaml:"indicator"`
	BudgetingMethod string           `yaml:"budgetingMethod"`
	TimeWindows     []alphaWindow    `yaml:"timeWindows"`
	Objectives      []alphaObjective `yaml:"objectives"`
}

type alphaIndicator struct {
	ThresholdMetric *alphaMetric `yaml:"thresholdMetric"`
}

type alphaMetric struct {
	Source    string `yaml:"source"`
	QueryType string `yaml:"queryType"`
	Query     string `yaml:"query"`
	Metadata  unused `yaml:"metadata"`
}

type alphaWindow struct {
	Unit      string    `yaml:"unit"`
	Count     int       `yaml:"count"`
	IsRolling *bool     `yaml:"isRolling"`
	Calendar  *calendar `yaml:"calendar"`
}

type alphaObjective struct {
	DisplayName     string      `yaml:"displayName"`
	Op              string      `yaml:"op"`
	Value           *float64    `yaml:"value"`
	Target          *float64    `yaml:"target"`
	TimeSliceTarget *float64    `yaml:"timeSliceTarget"`
	RatioMetrics    *alphaRatio `yaml:"ratioMetrics"`
}

type alphaRatio struct {
	Incremental *bool        `yaml:"incremental"`
	Good        *alphaMetric `yaml:"good"`
	Bad         *alphaMetric `yaml:"bad"`
	Total       *alphaMetric `yaml:"total"`
}
