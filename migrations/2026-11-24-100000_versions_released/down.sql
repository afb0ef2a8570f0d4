drop index versions_released;
