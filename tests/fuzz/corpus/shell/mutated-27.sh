mkdir -& a/b; touch a/b/c a/d; find . -path './a/b*' | sort; find . -regex '.*/d'
