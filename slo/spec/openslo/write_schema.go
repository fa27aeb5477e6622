package openslo

// openslo/v1 as it is written.
type (
	outDocument struct {
		APIVersion string      `yaml:"apiVersion"`
		Kind       string      `yaml:"kind"`
		Metadata   outMetadata `yaml:"metadata"`
		Spec       outSLO      `yaml:"spec"`
	}

	outMetadata struct {
		Name        string            `yaml:"name"`
		Labels      map[string]string `yaml:"labels,omitempty"`
		Annotations map[string]string `yaml:"annotations,omitempty"`
	}

	outSLO struct {
		Description     string         `yaml:"description,omitempty"`
		Service         string         `yaml:"service"`
		Indicator       *outIndicator  `yaml:"indicator,omitempty"`
		TimeWindow      []outWindow    `yaml:"timeWindow"`
		BudgetingMethod string         `yaml:"budgetingMethod"`
		Objectives      []outObjective `yaml:"objectives"`
		AlertPolicies   []outPolicy    `yaml:"alertPolicies,omitempty"`
	}

	outIndicator struct {
		Metadata outMetadata `yaml:"metadata"`
		Spec     outSLI      `yaml:"spec"`
	}

	outSLI struct {
		ThresholdMetric *outMetric `yaml:"thresholdMetric,omitempty"`
		RatioMetric     *outRatio  `yaml:"ratioMetric,omitempty"`
	}

	outRatio struct {
		Counter bool       `yaml:"counter,omitempty"`
		Good    *outMetric `yaml:"good,omitempty"`
		Bad     *outMetric `yaml:"bad,omitempty"`
		Total   *outMetric `yaml:"total,omitempty"`
		RawType string     `yaml:"rawType,omitempty"`
		Raw     *outMetric `yaml:"raw,omitempty"`
	}

	outMetric struct {
		MetricSource outSource `yaml:"metricSource"`
	}

	outSource struct {
		Type string   `yaml:"type"`
		Spec outQuery `yaml:"spec"`
	}

	outQuery struct {
		Query string `yaml:"query"`
	}

	outWindow struct {
		Duration  string       `yaml:"duration"`
		IsRolling bool         `yaml:"isRolling"`
		Calendar  *outCalendar `yaml:"calendar,omitempty"`
	}

	outCalendar struct {
		StartTime string `yaml:"startTime"`
		TimeZone  string `yaml:"timeZone"`
	}

	outObjective struct {
		DisplayName     string        `yaml:"displayName,omitempty"`
		Op              string        `yaml:"op,omitempty"`
		Value           *float64      `yaml:"value,omitempty"`
		Target          float64       `yaml:"target"`
		TimeSliceTarget *float64      `yaml:"timeSliceTarget,omitempty"`
		TimeSliceWindow string        `yaml:"timeSliceWindow,omitempty"`
		Indicator       *outIndicator `yaml:"indicator,omitempty"`
		CompositeWeight *float64      `yaml:"compositeWeight,omitempty"`
	}

	outPolicy struct {
		Kind     string        `yaml:"kind"`
		Metadata outMetadata   `yaml:"metadata"`
		Spec     outPolicySpec `yaml:"spec"`
	}

	outPolicySpec struct {
		AlertWhenNoData     *bool          `yaml:"alertWhenNoData,omitempty"`
		AlertWhenResolved   bool           `yaml:"alertWhenResolved"`
		AlertWhenBreaching  bool           `yaml:"alertWhenBreaching"`
		Conditions          []outCondition `yaml:"conditions"`
		NotificationTargets []outTarget    `yaml:"notificationTargets"`
	}

	outCondition struct {
		Kind     string           `yaml:"kind"`
		Metadata outMetadata      `yaml:"metadata"`
		Spec     outConditionSpec `yaml:"spec"`
	}

	outConditionSpec struct {
		Severity  string      `yaml:"severity"`
		Condition outBurnrate `yaml:"condition"`
	}

	outBurnrate struct {
		Kind           string  `yaml:"kind"`
		Op             string  `yaml:"op"`
		Threshold      float64 `yaml:"threshold"`
		LookbackWindow string  `yaml:"lookbackWindow"`
	}

	outTarget struct {
		Kind     string        `yaml:"kind"`
		Metadata outMetadata   `yaml:"metadata"`
		Spec     outTargetSpec `yaml:"spec"`
	}

	outTargetSpec struct {
		Target string `yaml:"target"`
	}
)

func prometheusMetric(query string) *outMetric {
	return &outMetric{MetricSource: outSource{Type: "Prometheus", Spec: outQuery{Query: query}}}
}
