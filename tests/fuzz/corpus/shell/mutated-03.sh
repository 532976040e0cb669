mkdir d; touch ab; mv a b d; lvs
